/** Diagrams that several tests draw. */
import { expect } from 'vitest'
import { type Diagram, diagramOf } from '../../src/picture/diagram.ts'
import { isDefinition, readDefinition } from '../../src/logic/statechart/read.ts'

export const diagramFrom = (json: object, ...active: readonly string[]): Diagram => {
  const definition = readDefinition(JSON.stringify(json))
  if (!isDefinition(definition)) throw new Error(JSON.stringify(definition))
  return diagramOf(definition, new Set(active))
}

export const ORDER = {
  id: 'order',
  initial: 'open',
  context: { paid: 0 },
  states: {
    open: {
      entry: { type: 'effect', params: { kind: 'mail.send', args: {} } },
      on: {
        PAY: {
          target: 'busy',
          guard: { type: 'expr', params: { cel: 'event.data.amount > 3 && context.paid == 0' } },
          actions: { type: 'assign', params: { set: { paid: 'event.data.amount' } } },
        },
        NOTE: { actions: { type: 'assign', params: { set: { paid: 'context.paid' } } } },
      },
      after: { 60_000: 'gone' },
    },
    busy: {
      initial: 'packing',
      states: { packing: { on: { SHIP: 'shipped' } }, shipped: { type: 'final' } },
      onDone: 'gone',
      on: { STOP: 'gone' },
    },
    gone: { type: 'final' },
  },
}

/** Every opening tag of a picture has its end: it is XML, not something like it. */
export const expectXml = (text: string): void => {
  const open: string[] = []
  for (const [, slash, name = '', self] of text.matchAll(/<(\/?)([a-z]+)[^<>]*?(\/?)>/g)) {
    if (slash === '/') expect(open.pop()).toBe(name)
    else if (self !== '/') open.push(name)
  }
  expect(open).toEqual([])
  expect(text.replaceAll(/<[^<>]*>/g, '')).not.toMatch(/[<>]/)
}
