/** A machine's whole state as bytes: its keys in ascending order, each with its value. */
import { bytes, type Codec, id, list, mapped, struct } from '../../base/codec.ts'
import { EVIDENCE_LEAVES_MAX, STATE_VALUE_BYTES_MAX } from '../../base/limits.ts'
import type { StateKey } from '../../state/keys.ts'
import type { Entry } from '../../state/tree.ts'

type Named = { readonly key: StateKey; readonly value: Uint8Array }

export const stateEntries: Codec<readonly Entry[]> = list(
  mapped(
    struct<Named>({ key: id<'state-key'>(), value: bytes(STATE_VALUE_BYTES_MAX) }),
    ({ key, value }): Entry => [key, value],
    ([key, value]) => ({ key, value }),
  ),
  EVIDENCE_LEAVES_MAX,
)
