/** Door: processes that people declare. Definitions, their inputs, and the logic that runs them. */
export * from '../forms/canonical-json.ts'
export * from '../logic/statechart/operation.ts'
export * from '../logic/statechart/params.ts'
