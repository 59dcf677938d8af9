/** One line for people about an operation on a record. Names of fields are shown; values are never known here. */
import type { Field } from '../kernel/field.ts'
import { short } from './ledger-describe.ts'
import type { Holder, RecordOperation, Rule } from './record-operation.ts'
import { hexFromBytes } from '../base/bytes.ts'

export const describeRecord = (of: RecordOperation): string =>
  `record ${short(of.id)}: ${saying(of)}`

const saying = (of: RecordOperation): string => {
  switch (of.is) {
    case 'open':
      return `${of.about}, made by ${of.maker}, held by ${holderText(of.holder)}${fieldsText(of.fields)}`
    case 'hand':
      return `from ${of.from} to ${of.to}${fieldsText(of.fields)}`
    case 'hold':
      return `kept back until ${ruleText(of.rule)} agree`
    case 'release':
      return `released by ${ruleText(of.rule)}${fieldsText(of.fields)}`
    case 'entrust':
      return `the hand-over to ${of.to} is left to machine ${short(of.at.machine)}`
    case 'agree':
      return `from ${of.from} to ${of.to}, kept by machine ${short(of.home)}${fieldsText(of.fields)}`
    case 'settle':
      return `from ${of.from} to ${of.to}, as agreed in machine ${short(of.at.machine)}`
    case 'end':
      return 'ended'
  }
}

export const holderText = (of: Holder): string =>
  of.is === 'party' ? of.name : `key ${short(hexFromBytes(of.publicKey))}`

/** '2 of (anna, ben, cleo)'. */
export const ruleText = (of: Rule): string => `${of.atLeast} of (${of.of.join(', ')})`

const fieldsText = (fields: readonly Field[]): string =>
  fields.length === 0 ? '' : `, with ${fields.map((one) => one.name).join(', ')}`
