import { describe, expect, test } from 'vitest'
import { bench, cellsOf } from '../../src/bench/bench.ts'
import { GROUPS } from '../../src/bench/cases.ts'

describe('bench', () => {
  test('measures a group, says on what, and whether the goals are met', async () => {
    const told: string[] = []
    const rounds = { rounds: 1, warmUp: 0 }
    const report = await bench({
      groups: GROUPS,
      only: ['T2'],
      rounds,
      progress: (text) => told.push(text),
    })
    expect(told).toEqual([expect.stringContaining('T2')])
    expect(report.machine.cores).toBeGreaterThan(0)
    expect(report.runtime).toContain(process.versions.node)
    expect(report.backEnd.blake3).toBe('wasm')
    expect(report.figures.length).toBeGreaterThan(5)
    expect(report.figures.every(({ id }) => id === 'T2')).toBe(true)
    expect(report.figures.every(({ median }) => Number.isFinite(median) && median > 0)).toBe(true)
    const goals = report.figures.filter(({ goal }) => goal !== undefined)
    expect(goals.length).toBe(4)
    expect(report.isMet).toBe(goals.every(({ isMet }) => isMet))
    expect(report.figures.map(cellsOf).every((cells) => cells.length === 7)).toBe(true)
    expect(() => JSON.stringify(report)).not.toThrow()
  })

  test('has groups with ids of their own', () => {
    expect(new Set(GROUPS.map(({ id }) => id)).size).toBe(GROUPS.length)
  })
})
