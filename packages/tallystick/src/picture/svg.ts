/**
 * Pieces of SVG. Whatever people wrote goes through `escaped`, so that a name is text and never a tag (attack: a machine whose
 * name is a script, shown in a browser).
 */
import { ROW_HEIGHT } from './wrap.ts'

export const escaped = (text: string): string => {
  let safe = ''
  for (const one of text) safe += isAllowed(one) ? (ENTITIES.get(one) ?? one) : '�'
  return safe
}

const ENTITIES = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
])

/** Characters that XML 1.0 has. */
const isAllowed = (one: string): boolean => {
  const code = one.codePointAt(0) ?? 0
  if (code < 0x20) return code === 9 || code === 10 || code === 13
  return !(code >= 0xd800 && code <= 0xdfff) && code !== 0xfffe && code !== 0xffff
}

/** Rows of text, the first at `y`. */
export const textRows = (
  rows: readonly string[],
  at: { readonly x: number; readonly y: number; readonly className: string },
): string =>
  rows
    .map(
      (row, index) =>
        `<text class="${at.className}" x="${round(at.x)}" y="${round(at.y + index * ROW_HEIGHT)}">${escaped(row)}</text>`,
    )
    .join('')

export const round = (value: number): string => String(Math.round(value * 10) / 10)

/** A whole picture, with colours for bright and dark surroundings. */
export const svgPage = (
  size: { readonly width: number; readonly height: number; readonly title: string },
  content: readonly string[],
): string =>
  [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${Math.ceil(size.width)}" height="${Math.ceil(size.height)}"`,
    ` viewBox="0 0 ${Math.ceil(size.width)} ${Math.ceil(size.height)}" role="img">`,
    `<title>${escaped(size.title)}</title>`,
    `<style>${STYLE}</style>`,
    `<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto-start-reverse">`,
    `<path class="tip" d="M0 0 10 5 0 10z"/></marker></defs>`,
    `<rect class="page" width="100%" height="100%"/>`,
    ...content,
    '</svg>\n',
  ].join('\n')

const STYLE = `
svg{--page:#fff;--ink:#1d2330;--soft:#667085;--edge:#98a2b3;--box:#f6f8fb;--group:#fbfcfe;--now:#ffe08a;--nowedge:#8a6400;--good:#16794a;--bad:#b42318;--warn:#9a6700}
@media(prefers-color-scheme:dark){svg{--page:#12161f;--ink:#e6e9f0;--soft:#9aa4b8;--edge:#5b667c;--box:#1d2432;--group:#171d29;--now:#6b5200;--nowedge:#f0c44c;--good:#5bd198;--bad:#ff8a80;--warn:#f0c44c}}
text{font:12px ui-monospace,Menlo,Consolas,monospace;fill:var(--ink)}
.name{font-weight:600;text-anchor:middle}.group-name{font-weight:600}.note,.label{fill:var(--soft)}.label{text-anchor:middle}.note{text-anchor:middle}
.heading{font-size:15px;font-weight:600}.soft{fill:var(--soft)}.good{fill:var(--good)}.bad{fill:var(--bad)}.warn{fill:var(--warn)}
.page{fill:var(--page)}.box{fill:var(--box);stroke:var(--edge)}.group{fill:var(--group);stroke:var(--edge)}.parallel{stroke-dasharray:6 4}.inside{stroke:var(--nowedge)}
.now{fill:var(--now);stroke:var(--nowedge);stroke-width:2}.line{fill:none;stroke:var(--edge);stroke-width:1.3}.timed{stroke-dasharray:5 4}
.tip,.start{fill:var(--edge)}.plate{fill:var(--page);opacity:.88}.rail{stroke:var(--edge)}.dot{stroke:var(--page);stroke-width:2}
`
