/** Payments as people read them: who is paid how much, and what that amounts to now. */
import { hexFromBytes } from '../base/bytes.ts'
import { evidence } from '../kernel/evidence.ts'
import { moneyText } from '../logic/ledger-describe.ts'
import type { Asset } from '../logic/ledger-asset.ts'
import type { PaymentState } from '../logic/payment.ts'
import type { PaymentFound } from '../verify/payments.ts'
import type { Output, Span, Tone } from './print.ts'

/** Payments that are shown unless all are asked for: the newest. */
const PAYMENTS_LAST = 12

export type PaymentsShown = {
  readonly all: boolean
  /** How a machine is called. */
  readonly called: (machine: string) => string
}

export const showPayments = (
  output: Output,
  payments: readonly PaymentFound[],
  { all, called }: PaymentsShown,
): void => {
  output.result({ payments: payments.map(paymentResult) })
  if (payments.length === 0) return
  output.line()
  output.line('Payments', 'strong')
  const left = all ? 0 : Math.max(0, payments.length - PAYMENTS_LAST)
  if (left > 1) output.line(`  … ${left} before`, 'quiet')
  output.table(payments.slice(left > 1 ? left : 0).map((one) => paymentRow(one, called)))
}

const paymentRow = (of: PaymentFound, called: PaymentsShown['called']): readonly Span[] => [
  `${of.from.holder} → ${of.to.holder}`,
  moneyText(of.amount, of.asset.params),
  { text: stateText(of.state, of.asset), tone: TONES[of.state.is] },
  { text: `step ${of.step.sequence} of ${called(of.step.machine)}, ${DOES[of.is]}`, tone: 'quiet' },
]

const DOES: Readonly<Record<PaymentFound['is'], string>> = {
  transfer: 'paid there',
  send: 'sent from there',
  claim: 'taken there',
}

/** The state's name, with what the payee may lose. */
export const stateText = (of: PaymentState, { params }: Pick<Asset, 'params'>): string => {
  switch (of.is) {
    case 'proposed':
    case 'accepted':
    case 'certified':
      return of.is
    case 'provisional': {
      const loss =
        of.exposure === 0n ? 'exposed to nobody' : `exposed ${moneyText(of.exposure, params)}`
      return `provisional (offline, ${of.mode}, ${loss})`
    }
    case 'conflicted':
      return of.proof ? 'conflicted, with proof' : 'conflicted'
  }
}

const TONES: Readonly<Record<PaymentState['is'], Tone>> = {
  proposed: 'quiet',
  accepted: 'warn',
  provisional: 'warn',
  certified: 'good',
  conflicted: 'bad',
}

/** A payment as plain values; what its proof is, in bytes. */
export const paymentResult = ({ asset, state, ...rest }: PaymentFound): object => ({
  ...rest,
  asset: asset.prefix,
  symbol: asset.params.symbol,
  state:
    state.is === 'conflicted' && state.proof
      ? { is: state.is, proof: hexFromBytes(evidence.encode(state.proof)) }
      : state,
})
