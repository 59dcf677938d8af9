import { describe, expect, it } from 'vitest'
import { escaped, svgPage, textRows } from '../../src/picture/svg.ts'
import { expectXml } from './charts.ts'

describe('SVG', () => {
  it('shows a name that looks like a tag as text', () => {
    expect(escaped(`<script>alert("&'")</script>`)).toBe(
      '&lt;script&gt;alert(&quot;&amp;&#39;&quot;)&lt;/script&gt;',
    )
  })

  it('replaces what XML has no character for', () => {
    expect(escaped('a\u0000b\u0008c\tz')).toBe('a�b�c\tz')
    expect(escaped('\ud800x\ufffe')).toBe('�x�')
  })

  it('is one well-formed document', () => {
    const page = svgPage({ width: 10.2, height: 7, title: '<&>' }, [
      textRows(['one <', 'two'], { x: 1, y: 2.25, className: 'name' }),
    ])
    expectXml(page)
    expect(page).toContain('width="11"')
    expect(page).toContain('y="18.3"')
  })
})
