/**
 * A party of a relationship as a simulated node has it: the real role, its guard file, its keys and its person.
 *
 * Used by every scenario in which two parties agree steps. What a person decides and how premises are proven is the
 * scenario's matter.
 */
import { isFault } from '../base/fault.ts'
import { message } from '../models/bilateral/message.ts'
import { createParty, type Party } from '../models/bilateral/party.ts'
import {
  type LastVow,
  lastVowOf,
  type PartyConfig,
  type PartyEffect,
  type PartyInput,
  type PartyState,
} from '../models/bilateral/state.ts'
import { type PartyWatch, watchStatement } from './party-watch.ts'
import type { Stream } from './random.ts'
import type { Sabotage } from './sabotage.ts'
import type { Checker, Delivery, World } from './world.ts'

/** The role of a party, or what sabotage puts in its place. */
export const partyRole = (config: PartyConfig, sabotage: Sabotage): Party => {
  const real = createParty({ ...config, logics: sabotage.logics ?? config.logics })
  if (isFault(real)) throw real
  const broken = sabotage.party?.(real, config.party)
  return broken ? { ...broken, begin: real.begin } : real
}

/** The guard file: the highest vow ever saved, which a restore of the store does not put back. */
export type Guard = {
  readonly keep: (saved: PartyState) => void
  /** What a process that was put back gives its role. */
  readonly restored: () => PartyInput
}

export const createGuard = (sabotage: Sabotage): Guard => {
  let last: LastVow | undefined
  return {
    keep: (saved) => {
      const vow = lastVowOf(saved)
      if (vow && !isBefore(vow, last)) last = vow
    },
    restored: () => ({ is: 'restored', last: sabotage.guard === 'lost' ? undefined : last }),
  }
}

const isBefore = (a: LastVow, b: LastVow | undefined): boolean => {
  if (!b) return false
  return a.sequence === b.sequence ? a.vow.round < b.vow.round : a.sequence < b.sequence
}

/** What stands around a party: signer, carrier, person and verifier. */
export type PartyShell = {
  readonly sign: (party: number, digest: Uint8Array) => Uint8Array
  readonly watch: PartyWatch
  /** Nodes that act for a party. More than one are twins, which nobody can tell apart. */
  readonly nodesOf: (party: number) => readonly number[]
  readonly decide: (effect: Extract<PartyEffect, { is: 'ask' }>) => boolean
  readonly prove: (effect: Extract<PartyEffect, { is: 'prove' }>) => PartyInput
}

/** Performs an effect of a party's node: what it answers to itself, and what reaches others. */
export const performParty = <State>(
  shell: PartyShell,
  world: World<State>,
  of: { readonly node: number; readonly party: number; readonly effect: PartyEffect },
): readonly Delivery<PartyInput>[] => {
  const { node, effect } = of
  const local = (input: PartyInput): readonly Delivery<PartyInput>[] => [
    { to: node, input, by: 'local' },
  ]
  switch (effect.is) {
    case 'sign': {
      const { digest, key, what } = effect
      if (what.is === 'statement') watchStatement(shell.watch, world.nodes[node], what.statement)
      const signature = shell.sign(of.party, digest)
      return local({ is: 'signed', digest, key, signature })
    }
    case 'send': {
      const bytes = message.encode(effect.message)
      // A sender cannot tell twins apart: what it says reaches one of them.
      const to = world.stream(`twin/${node}`).pick(shell.nodesOf(effect.to))
      if (to === undefined) return []
      const label = effect.message.body.is
      return [{ to, input: { is: 'message', bytes }, by: 'network', label }]
    }
    case 'ask': {
      const yes = shell.decide(effect)
      return local({ is: 'decide', interaction: effect.interactionId, yes })
    }
    case 'prove':
      return local(shell.prove(effect))
  }
}

/** A party's message with one byte changed. */
export const mangleParty = (input: PartyInput, stream: Stream): PartyInput =>
  input.is === 'message' ? { ...input, bytes: mangled(input.bytes, stream) } : input

/** The same bytes but for one. */
export const mangled = (bytes: Uint8Array, stream: Stream): Uint8Array => {
  const changed = Uint8Array.from(bytes)
  const at = stream.below(Math.max(1, bytes.length))
  changed[at] = (changed[at] ?? 0) ^ (1 + stream.below(255))
  return changed.subarray(0, bytes.length)
}

/** Two parties who have both lost memory may wait for each other for ever; the role does not promise otherwise. */
const mustSettle = (world: World<PartyState>): boolean =>
  world.nodes.every((node) => node.honest) &&
  world.nodes.filter((node) => node.restores > 0).length < 2

/** Rules for the end, when the network has healed. They ask nothing where somebody is not honest. */
export const SETTLED: readonly Checker<PartyState>[] = [
  {
    name: 'one head',
    check: (world) => {
      if (!mustSettle(world)) return undefined
      const heads = new Set(world.nodes.map((node) => node.state.machine.headId))
      if (heads.size === 1) return undefined
      const at = world.nodes.map((node) => `${node.name} at ${node.state.machine.head.sequence}`)
      return `after healing: ${at.join(', ')}`
    },
  },
  {
    name: 'nothing pending',
    check: (world) => {
      if (!mustSettle(world)) return undefined
      for (const { name, state } of world.nodes) {
        if (state.pending) return `${name} still waits in stage ${state.pending.stage}`
        if (state.quarantine) return `${name} is still in quarantine`
        if (state.book.leaving) return `${name} is still leaving a round`
      }
      return undefined
    },
  },
]
