/**
 * Instructions about accounts other than the logic's own: the state of another logic, which is read and never written, and what
 * the participants of an interaction have to do with it. They come from assembly for later versions of the machine.
 */
import { faultFrom, isFault } from '../../../../base/fault.ts'
import { type MoiId, moiIdFromBytes } from '../../identifier.ts'
import { cellAt, cellName, defect, exception, type Frame } from '../frame.ts'
import { fieldPlace } from '../place.ts'
import { type Step } from '../program.ts'
import { boolValue, type SlotStore } from '../value.ts'
import { identifierAt } from './making.ts'

const idFrom = (bytes: Uint8Array): MoiId | undefined => {
  const id = faultFrom(() => moiIdFromBytes(bytes))
  return isFault(id) ? undefined : id
}

export const loadOtherField = (frame: Frame, step: Step): void => {
  if (frame.mode === 'pure') throw defect(frame, 'a pure routine reads state')
  const bound = cellAt(frame, step.b)
  if (bound.is !== 'interface') throw defect(frame, `${cellName(bound)} is no interface`)
  const element = frame.run.program.elements.get(bound.at)
  const field = element?.is === 'interface' ? element.logicState[step.c] : undefined
  if (!field) throw defect(frame, `the interface has no field ${step.c}`)
  const id = idFrom(bound.account)
  const read = id && frame.run.host.stateOf?.(id)
  if (!read) throw defect(frame, 'the state of a logic that is out of reach')
  const write = (): never => {
    throw defect(frame, 'the state of another logic is written')
  }
  const store: SlotStore = { read, write }
  frame.registers[step.a] = fieldPlace(store, field.type, step.c)
}

const participantAt = (
  frame: Frame,
  register: number,
): { readonly isSigner: boolean } | undefined => {
  const { participant } = frame.run.host
  if (!participant) throw defect(frame, 'participants are not known here')
  const id = idFrom(identifierAt(frame, register))
  return id && participant(id)
}

export const takesPart = (frame: Frame, step: Step): void => {
  frame.registers[step.a] = boolValue(participantAt(frame, step.b) !== undefined)
}

export const hasSigned = (frame: Frame, step: Step): void => {
  const participant = participantAt(frame, step.b)
  if (!participant) throw exception(frame, 'NotParticipant', 'the account is no participant')
  frame.registers[step.a] = boolValue(participant.isSigner)
}

/** Room in state is paid for by fuel, so who else would pay for it makes no difference. Both operands have to be what they claim. */
export const namePayer = (frame: Frame, step: Step): void => {
  const place = cellAt(frame, step.a)
  if (place.is !== 'place')
    throw defect(frame, `a place is wanted where there is ${cellName(place)}`)
  identifierAt(frame, step.b)
}
