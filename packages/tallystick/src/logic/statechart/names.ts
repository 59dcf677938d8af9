/**
 * Guards and actions that a definition refers to by name alone, as the first definitions on relays do.
 *
 * A definition cannot carry their code, so what a name means has to be agreed outside of it. None is known unless the
 * caller hands it in, and a name that is not handed in refuses the definition.
 */
import type { Value, ValueMap } from '../expression/value.ts'

export type NamedGiven = { readonly context: ValueMap; readonly event: ValueMap }
export type NamedGuard = (given: NamedGiven) => boolean
/** Returns the keys of the context that it sets. */
export type NamedAction = (given: NamedGiven) => ValueMap

export type Names = {
  readonly guards: ReadonlyMap<string, NamedGuard>
  readonly actions: ReadonlyMap<string, NamedAction>
}

export const NO_NAMES: Names = { guards: new Map(), actions: new Map() }

/**
 * The names of the library `@atob/protocol-library`, for deliveries: who created, carries and receives a parcel stands in
 * the context, and the sender of the input is compared with it.
 */
export const DELIVERY_NAMES: Names = {
  guards: new Map<string, NamedGuard>([
    ['isCreator', (given) => isSender(given, 'creatorPubKey')],
    ['isNotCreator', (given) => !isSender(given, 'creatorPubKey')],
    ['isExecutor', (given) => isSender(given, 'executorPubKey')],
    ['isReceiver', (given) => isSender(given, 'receiverPubKey')],
    [
      'isCreatorOrExecutor',
      (given) => isSender(given, 'creatorPubKey') || isSender(given, 'executorPubKey'),
    ],
  ]),
  actions: new Map<string, NamedAction>([
    ['assignExecutor', ({ event }) => ({ executorPubKey: own(event, 'sender') ?? null })],
  ]),
}

const isSender = ({ context, event }: NamedGiven, key: string): boolean =>
  own(event, 'sender') === own(context, key)

const own = (map: ValueMap, key: string): Value | undefined =>
  Object.hasOwn(map, key) ? map[key] : undefined
