/** Messages between custodians over relays: sent as events that nobody keeps, read back out of their shares. */
import { faultFrom, isFault } from 'tallystick/base'
import { type MemberMessage, memberMessage } from 'tallystick/models'
import {
  gatherVote,
  type NostrDraft,
  type NostrEvent,
  voteDrafts,
  voteShareFrom,
  type VotesUnderway,
} from 'tallystick/nostr'

export type Mail = {
  /** The drafts of a message, none if it is the same as the last one. */
  readonly drafts: (message: MemberMessage, now: number) => readonly NostrDraft[]
  /** The message that an event completes. */
  readonly read: (event: NostrEvent) => MemberMessage | undefined
  /** The next message is sent although it may be the same: time has passed, and somebody may have missed it. */
  readonly again: () => void
}

export const createMail = (of: {
  readonly definition: string
  readonly own: string
  /** Those of now and of before: who has left still has to be told that. */
  readonly custodians: () => readonly string[]
}): Mail => {
  let underway: VotesUnderway = []
  let said: Uint8Array | undefined
  return {
    again: () => {
      said = undefined
    },
    drafts: (message, now) => {
      const bytes = memberMessage.encode(message)
      if (said && Buffer.compare(said, bytes) === 0) return []
      said = bytes
      const to = of.custodians().filter((one) => one !== of.own)
      return voteDrafts({ machine: of.definition, sender: of.own, to, message: bytes }, now)
    },
    read: (event) => {
      const share = faultFrom(() => voteShareFrom(event))
      // Who is no custodian has nothing to say here (attack: strangers fill the memory with shares).
      if (isFault(share) || !of.custodians().includes(share.sender)) return undefined
      const gathered = gatherVote(underway, share)
      ;({ underway } = gathered)
      if (!gathered.message) return undefined
      const bytes = gathered.message
      const message = faultFrom(() => memberMessage.decode(bytes))
      return isFault(message) ? undefined : message
    },
  }
}
