/**
 * Gossip with operators: tells each what this auditor knows of the others, and takes what they know.
 *
 * Promise. Everybody is asked at once, and each answer is taken in when it comes. An operator that does not answer, or knows of no
 * gossip, is left out; nothing else waits for it longer than the signal lets it.
 *
 * Not promised. That what is told is true, or of operators that somebody watches: the auditor judges it.
 */
import { isFault, type SignerId, type Verifier } from 'tallystick/base'
import { signerOf } from 'tallystick/kernel'
import {
  type Accusation,
  type AuditorInput,
  type Charge,
  type Gossip,
  inputsFrom,
  judgeAccusation,
} from 'tallystick/models'
import type { OperatorClient } from './operator.ts'

export const exchangeGossip = async (
  clients: readonly OperatorClient[],
  own: Gossip,
  signal: AbortSignal,
  take: (told: Gossip) => void,
): Promise<void> => {
  await Promise.all(
    clients.map(async (client) => {
      const reply = await client.gossip(own, signal)
      if (reply.is === 'answered') take(reply.value)
    }),
  )
}

/** What of it is about these operators, as inputs of an auditor. */
export const toldAbout = (
  watched: ReadonlySet<SignerId>,
  { checkpoints, accusations }: Gossip,
): readonly AuditorInput[] =>
  inputsFrom({
    checkpoints: checkpoints.filter((one) => watched.has(one.operator)),
    accusations: accusations.filter(
      (one) => one.is === 'log' && watched.has(signerOf(one.evidence.suite, one.evidence)),
    ),
  })

/** Operators among these that have signed for two children, by their keys: no auditor of logs judges that. */
export const convictedByStatements = (
  watched: ReadonlySet<SignerId>,
  { accusations }: Gossip,
  verifier: Verifier,
): readonly { readonly accusation: Accusation; readonly charge: Charge }[] =>
  accusations.flatMap((accusation) => {
    if (accusation.is !== 'statements') return []
    const charge = judgeAccusation(accusation, verifier)
    return isFault(charge) || !watched.has(charge.signer) ? [] : [{ accusation, charge }]
  })
