/**
 * Files about the machines that a custodian's machine relies on: taken in from relays and from other custodians, kept in the archive, and
 * published again where relays have lost them.
 *
 * Promise. What a certified step rests on is in the archive once the step was told, so that relays which delete take nothing from whoever
 * checks it later. An input whose answer nothing shows yet waits for a file that does.
 */
import { faultFrom, hexFromBytes, isFault } from 'tallystick/base'
import type { AgreedStep } from 'tallystick/models'
import { type NostrEvent, proofDraft, proofFrom } from 'tallystick/nostr'
import { bundleFromFile } from 'tallystick/verify'
import { machineId } from 'tallystick/kernel'
import { partsOfFile } from '../relay/shelf.ts'
import { UNPROVEN_MAX } from './limits.ts'
import type { Run } from './run.ts'

export type Proofs = {
  /** Takes a published file in. Resolves to the inputs that had waited for something of the kind. */
  readonly hear: (event: NostrEvent) => Promise<readonly NostrEvent[]>
  /** Files that came with a step; what no event has shown here yet is published. */
  readonly keep: (step: AgreedStep) => Promise<void>
  readonly wait: (input: NostrEvent) => void
}

export const createProofs = (run: Run): Proofs => {
  const { defined, archive, shelf, post, own } = run
  const waiting = new Map<string, NostrEvent>()
  const publish = async (file: Uint8Array): Promise<void> => {
    const [charter] = bundleFromFile(file).charters
    if (!charter) return
    const of = { machine: defined.definition.id, author: own, about: machineId(charter) }
    for (const part of partsOfFile(file)) {
      const event = run.sign(proofDraft({ ...of, file: part }, run.seconds()))
      await archive.add(of.machine, event)
      post.send(event)
    }
  }
  return {
    hear: async (event) => {
      const proof = faultFrom(() => proofFrom(event))
      if (isFault(proof) || proof.machine !== defined.definition.id) return []
      if (shelf.take(proof.file, event.pubkey).length === 0) return []
      await archive.add(proof.machine, event)
      run.log('info', 'proof taken', { about: proof.about, from: event.pubkey })
      for (const { signer, machine } of shelf.convictions()) {
        run.log('warning', 'another machine has two histories', { machine, signer })
      }
      const inputs = [...waiting.values()]
      waiting.clear()
      return inputs
    },
    keep: async ({ candidate: { attachments } }) => {
      for (const file of attachments) {
        if (shelf.take(file, hexFromBytes(file)).length > 0) await publish(file)
      }
    },
    wait: (input) => {
      // The oldest has waited for something that did not come.
      const [oldest] = waiting.keys()
      if (waiting.size >= UNPROVEN_MAX && oldest !== undefined) waiting.delete(oldest)
      waiting.set(input.id, input)
    },
  }
}
