/** Refusals: what an operator says in JSON with a status of 4xx, as a fault. Nothing in it is believed; it is shown. */
import { Fault, type FaultCode } from 'tallystick/base'
import { REFUSAL_BYTES_MAX } from './limits.ts'

export type RefusedBy = { readonly status: number; readonly party: string }

/** The fault's `part` says the status; its party is the operator's name. */
export const refusalFrom = (body: Uint8Array, { status, party }: RefusedBy): Fault => {
  const said = faultIn(body)
  const place = { party, part: `status ${status}` }
  return said
    ? new Fault(said.code, said.message, place)
    : new Fault('operator/refused', `status ${status}`, place)
}

const faultIn = (
  body: Uint8Array,
): { readonly code: FaultCode; readonly message: string } | undefined => {
  if (body.length > REFUSAL_BYTES_MAX) return undefined
  const parsed = parsedJson(body)
  const fault = memberOf(parsed, 'fault')
  const [code, message] = [memberOf(fault, 'code'), memberOf(fault, 'message')]
  return typeof code === 'string' && typeof message === 'string' && isFaultCode(code)
    ? { code, message }
    : undefined
}

const parsedJson = (body: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder().decode(body))
  } catch {
    return undefined
  }
}

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null
    ? Object.getOwnPropertyDescriptor(value, name)?.value
    : undefined

const isFaultCode = (code: string): code is FaultCode => /^[a-z0-9-]+\/[a-z0-9-]+$/.test(code)
