/** Operators with a mistake in them, for `planted.ts`. */
import { vowName } from '../../src/models/directory/operator.ts'
import type { OperatorRole } from '../../src/sim/sabotage.ts'

/** An operator without a memory of what it has vowed for. */
export const forgetsPledges = (role: OperatorRole): OperatorRole => ({
  ...role,
  step: (state, input, env) =>
    role.step(input.is === 'submit' ? { ...state, vows: new Map() } : state, input, env),
})

/** An operator that keeps evidence against an owner, and serves it all the same. */
export const neverFreezes = (role: OperatorRole): OperatorRole => ({
  ...role,
  step: (state, input, env) => {
    if (input.is !== 'submit' || state.forks.length === 0) return role.step(state, input, env)
    const next = role.step({ ...state, forks: [] }, input, env)
    return { ...next, forks: state.forks }
  },
})

/** An operator that signs whatever it is sent last. */
export const checksNothing = (role: OperatorRole): OperatorRole => ({
  ...role,
  step: (state, input, env) => {
    if (input.is !== 'submit') return role.step(state, input, env)
    const name = vowName(input.submission.transition)
    const known = state.vows.get(name)
    if (known?.submission.transition.interaction === input.submission.transition.interaction)
      return state
    const { charter, submission } = input
    const vowed = { charter, submission, time: env.now, signature: undefined }
    return { ...state, vows: new Map(state.vows).set(name, vowed) }
  },
})

/** An operator that loses its first vow with every checkpoint. */
export const forgetsFirst = (role: OperatorRole): OperatorRole => ({
  ...role,
  step: (state, input, env) =>
    input.is === 'checkpoint'
      ? role.step({ ...state, vows: new Map([...state.vows].slice(1)) }, input, env)
      : role.step(state, input, env),
})

export const signsNoCheckpoint = (role: OperatorRole): OperatorRole => ({
  ...role,
  step: (state, input, env) => (input.is === 'checkpoint' ? state : role.step(state, input, env)),
})

/** An operator that never goes back below a step it has vowed for. */
export const servesForwardOnly = (role: OperatorRole): OperatorRole => ({
  ...role,
  step: (state, input, env) => {
    if (input.is !== 'submit') return role.step(state, input, env)
    const { machine, sequence } = input.submission.transition
    const isBehind = [...state.vows.values()].some(
      ({ submission: { transition } }) =>
        transition.machine === machine && transition.sequence > sequence,
    )
    return isBehind ? state : role.step(state, input, env)
  },
})
