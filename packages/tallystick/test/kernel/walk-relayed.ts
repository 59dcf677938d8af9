/**
 * A sketch of the wrapper by which a machine accepts another's finality: the inner model's certificate, believed only
 * some time after it was first seen, not for ever, and not after evidence has frozen it.
 */
import type { TransitionId } from '../../src/base/brand.ts'
import { type Codec, flag, id, list, struct, u64 } from '../../src/base/codec.ts'
import { Fault } from '../../src/base/fault.ts'
import type { Judgement, Model } from '../../src/kernel/model.ts'
import { transitionId } from '../../src/kernel/transition.ts'
import type { Millis, Verdict } from '../../src/kernel/verdict.ts'

export type RelayedPolicy<Inner> = {
  readonly delay: Millis
  /** Counted from the time that the source attests, not from when it was seen. */
  readonly expiry: Millis
  readonly inner: Inner
}

export type RelayedAnchor<Inner> = {
  readonly inner: Inner
  readonly seen: readonly { readonly step: TransitionId; readonly at: Millis }[]
  readonly isFrozen: boolean
}

export const relayed = <Policy, Certificate, Anchor>(
  inner: Model<Policy, Certificate, Anchor>,
): Model<RelayedPolicy<Policy>, Certificate, RelayedAnchor<Anchor>> => {
  const policy: Codec<RelayedPolicy<Policy>> = struct<RelayedPolicy<Policy>>({
    delay: u64,
    expiry: u64,
    inner: inner.policy,
  })
  const anchor: Codec<RelayedAnchor<Anchor>> = struct<RelayedAnchor<Anchor>>({
    inner: inner.anchor,
    seen: list(
      struct<RelayedAnchor<Anchor>['seen'][number]>({ step: id<'transition'>(), at: u64 }),
      64,
    ),
    isFrozen: flag,
  })
  return {
    kind: `relayed-${inner.kind}`,
    promises: inner.promises,
    policy,
    certificate: inner.certificate,
    anchor,
    admit: (terms, { delay, expiry, inner: own }, verifier) => {
      if (delay >= expiry) return new Fault('test/never-valid', 'it expires before it is believed')
      if (inner.promises.clock === 'none') {
        return new Fault('test/no-clock', 'nothing can expire or time out without a clock')
      }
      return inner.admit(terms, own, verifier)
    },
    begin: ({ inner: own }) => ({ inner: inner.begin(own), seen: [], isFrozen: false }),
    judge: (judged) => judgeRelayed(inner, judged),
    attestations: (judged) => inner.attestations(innerOf(judged)),
    convict: (proof, { terms, policy: { inner: own }, verifier }) =>
      inner.convict?.(proof, { terms, policy: own, verifier }) ??
      new Fault('test/no-own-kind', 'the source has the kernel’s kinds only'),
  }
}

/** What evidence against a certifier of the source does: nothing of it is believed any more. */
export const frozen = <Anchor>(anchor: RelayedAnchor<Anchor>): RelayedAnchor<Anchor> => ({
  ...anchor,
  isFrozen: true,
})

type Judged<P, C, A> = Judgement<RelayedPolicy<P>, C, RelayedAnchor<A>>

const innerOf = <P, C, A>(judged: Judged<P, C, A>): Judgement<P, C, A> => ({
  ...judged,
  policy: judged.policy.inner,
  anchor: judged.anchor.inner,
})

/** In this order: not frozen, final at the source, not expired, delay passed. */
const judgeRelayed = <P, C, A>(
  inner: Model<P, C, A>,
  judged: Judged<P, C, A>,
): Verdict<RelayedAnchor<A>> => {
  const { anchor, policy, known, terms, transition } = judged
  if (anchor.isFrozen) {
    return { is: 'refused', fault: new Fault('test/frozen', 'the source was caught lying') }
  }
  const verdict = inner.judge(innerOf(judged))
  if (verdict.is === 'refused' || verdict.is === 'contested') return verdict
  if (verdict.is === 'pending') return { ...verdict, anchor: { ...anchor, inner: verdict.anchor } }
  const { now } = known
  const { since } = verdict.finality
  const next = { ...anchor, inner: verdict.anchor }
  if (now === undefined || since === undefined) {
    return { is: 'pending', waitingFor: [{ is: 'fact', about: 'what time it is' }], anchor: next }
  }
  if (now > since + policy.expiry) {
    return { is: 'refused', fault: new Fault('test/expired', `attested at ${since}, now ${now}`) }
  }
  const step = transitionId(terms.suite, transition)
  const first = anchor.seen.find((one) => one.step === step)
  const seen = first ? anchor.seen : [...anchor.seen, { step, at: now }]
  const until = (first?.at ?? now) + policy.delay
  if (now < until) {
    return { is: 'pending', waitingFor: [{ is: 'time', until }], anchor: { ...next, seen } }
  }
  return {
    is: 'final',
    anchor: { ...next, seen },
    finality: { ...verdict.finality, grade: 'proven', since: until },
  }
}
