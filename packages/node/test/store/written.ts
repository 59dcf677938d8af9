/** What the program `writer.ts` writes, and whether a store has it. */
import type { Unit } from '../../src/store/store.ts'
import { append, put } from './contract-values.ts'

/** Some values are inline, some lie apart. */
export const valueOf = (n: number): string => `value ${n} `.padEnd(n % 3 === 0 ? 700 : 40, 'x')

export const unitFor = (n: number): Unit => ({
  appends: [append(`k${n}`, valueOf(n), BigInt(n))],
  puts: [put(`r${n % 5}`, valueOf(n))],
})
