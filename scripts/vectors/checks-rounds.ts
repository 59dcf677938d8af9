/** Checks of certificates of rounds, of batches, and of chunks. */
import { hexFromBytes } from '../../packages/tallystick/src/base/bytes.ts'
import { isFault } from '../../packages/tallystick/src/base/fault.ts'
import { createPortableEngine } from '../../packages/tallystick/src/engine/portable.ts'
import { bytesFromChunks } from '../../packages/tallystick/src/forms/chunk.ts'
import {
  batchPath,
  batchRoot,
  rootFromPath,
} from '../../packages/tallystick/src/kernel/chain-batch.ts'
import { evenQuorum } from '../../packages/tallystick/src/kernel/quorum.ts'
import {
  abortCertificate,
  checkAbort,
  checkRounds,
  roundCertificate,
  type RoundJudgement,
} from '../../packages/tallystick/src/kernel/round-certificate.ts'
import { transition } from '../../packages/tallystick/src/kernel/transition.ts'
import { type Check, type JsonObject, unless } from './finding.ts'
import {
  bigAt,
  bytesAt,
  idAt,
  numberAt,
  objectsAt,
  schemeAt,
  suiteAt,
  textAt,
  textsAt,
} from './read.ts'

const verifier = createPortableEngine()

const judgementIn = (input: JsonObject): RoundJudgement => ({
  verifier,
  place: {
    suite: suiteAt(input),
    machine: idAt<'machine'>(input, 'machine'),
    parent: idAt<'transition'>(input, 'parent'),
    sequence: bigAt(input, 'sequence'),
  },
  quorum: evenQuorum(
    objectsAt(input, 'signers').map((one) => ({
      name: textAt(one, 'name'),
      scheme: schemeAt(one),
      publicKey: bytesAt(one, 'publicKey'),
    })),
    { threshold: numberAt(input, 'threshold'), faulty: numberAt(input, 'faulty') },
  ),
})

export const roundChecks: Readonly<Record<string, Check>> = {
  rounds: (input) => {
    const of = transition.decode(bytesAt(input, 'transition'))
    const certificate = roundCertificate.decode(bytesAt(input, 'certificate'))
    const said = unless(checkRounds(judgementIn(input), of, certificate))
    return { expected: { statements: said.attestations.length, missing: said.missing } }
  },
  'rounds-abort': (input) => {
    const certificate = abortCertificate.decode(bytesAt(input, 'certificate'))
    const said = checkAbort(judgementIn(input), certificate)
    return isFault(said) ? { fault: said.code } : { expected: said.length }
  },
  batch: (input) => {
    const root = hexFromBytes(batchRoot(suiteAt(input), bytesAt(input, 'ids')))
    const path = batchPath.decode(bytesAt(input, 'path'))
    const led = hexFromBytes(rootFromPath(suiteAt(input), path, bytesAt(input, 'id')))
    return { expected: { root, isLedThere: led === root } }
  },
  chunks: (input) => ({ expected: hexFromBytes(bytesFromChunks(textsAt(input, 'chunks'))) }),
}
