import { describe, expect, test } from 'vitest'
import { createLogicRegistry, createModelRegistry } from '../../src/verify/registry.ts'
import { notes, options } from './world.ts'

describe('registries', () => {
  test('find models by kind and logics by name', () => {
    const models = [...options.models.values()]
    expect([...createModelRegistry(...models).keys()]).toEqual(models.map((one) => one.kind))
    expect(createLogicRegistry(notes).get('notes')).toBe(notes)
  })

  test('do not take two of one name', () => {
    expect(() => createLogicRegistry(notes, notes)).toThrow('assertion failed')
    const [first] = options.models.values()
    if (!first) throw new Error('there is a model')
    expect(() => createModelRegistry(first, first)).toThrow('assertion failed')
  })
})
