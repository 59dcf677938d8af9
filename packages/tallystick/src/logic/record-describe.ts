/** One line for people about an operation on a record. Names of fields are shown; values are never known here. */
import type { Field } from '../kernel/field.ts'
import type { Prefix } from '../kernel/logic.ts'
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
      return `the hand-over to ${of.to} is left to ${logicText(of.at)}`
    case 'agree':
      return `from ${of.from} to ${of.to}, kept by machine ${short(of.home)}${fieldsText(of.fields)}`
    case 'settle':
      return `from ${of.from} to ${of.to}, as agreed in ${logicText(of.at)}`
    case 'end':
      return 'ended'
  }
}

/** Which logic of that machine decides is part of what is signed. */
const logicText = ({ machine, logic }: Prefix): string =>
  `logic ${logic} of machine ${short(machine)}`

export const holderText = (of: Holder): string =>
  of.is === 'party' ? of.name : `key ${short(hexFromBytes(of.publicKey))}`

/** '2 of (anna, ben, cleo)'. */
export const ruleText = (of: Rule): string => `${of.atLeast} of (${of.of.join(', ')})`

const fieldsText = (fields: readonly Field[]): string =>
  fields.length === 0 ? '' : `, with ${fields.map((one) => one.name).join(', ')}`
