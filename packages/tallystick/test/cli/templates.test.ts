import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { templateNames, templatePath, templateText } from '../../src/cli/templates.ts'
import { isDefinition, readDefinition } from '../../src/logic/statechart/read.ts'

const EXAMPLES = join(import.meta.dirname, '../../../../examples/statecharts')

describe('templates', () => {
  test('are the examples, byte for byte, without their plays', () => {
    expect(templateNames()).toContain('bet')
    expect(templateNames().filter((name) => name.includes('plays'))).toEqual([])
    expect(templateText('bet')).toBe(readFileSync(join(EXAMPLES, 'bet.json'), 'utf8'))
  })

  test('can each be run', () => {
    for (const name of templateNames()) {
      expect(isDefinition(readDefinition(templateText(name)))).toBe(true)
    }
  })

  test('are listed where one is asked for that is not there', () => {
    expect(() => templatePath('no-such')).toThrow('there is no template no-such')
    expect(() => templatePath('../package')).toThrow('there is no template')
  })
})
