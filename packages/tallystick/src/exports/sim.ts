/** Door: simulated parties, network and faults, replayed from a seed. */
export * from '../sim/plan.ts'
export * from '../sim/queue.ts'
export * from '../sim/random.ts'
export * from '../sim/run.ts'
export * from '../sim/shrink.ts'
export * from '../sim/token-engine.ts'
export * from '../sim/world.ts'
