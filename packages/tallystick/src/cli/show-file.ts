/** What a file is, in a few lines. Nothing of it is believed: checking is `tally verify`'s work, or `tally accept`'s. */
import { createNativeEngine } from '../engine/native.ts'
import { evidence } from '../kernel/evidence.ts'
import { signerOf } from '../kernel/controller.ts'
import { positionOf, type Statement } from '../kernel/statement.ts'
import { STANDARD_LOGICS } from '../logic/registry.ts'
import { message } from '../models/bilateral/message.ts'
import { showCredentialFile } from './credential-view.ts'
import { cardFromFile } from '../verify/card.ts'
import { bodyFromFile, kindOfFile } from '../verify/file.ts'
import { inviteFromFile } from '../verify/invite.ts'
import { stepOf } from './accept-message.ts'
import { checkFile } from './check-file.ts'
import { identityText, showCard } from './identity-view.ts'
import { readInputFile } from './input-file.ts'
import { machineFoldersHere } from './machine-folder.ts'
import { describeOperations } from '../verify/describe.ts'
import { machineId } from '../kernel/charter.ts'
import { showOperatorEvidence } from './operator-evidence-view.ts'
import { type ExitCode, idText, type Output } from './print.ts'
import { sizeText } from './report-view.ts'
import { showTerms } from './terms-view.ts'

export const showFile = async (
  output: Output,
  path: string,
  options: { all: boolean },
): Promise<ExitCode> => {
  const file = readInputFile(path)
  const kind = kindOfFile(file)
  output.result({ kind, bytes: file.length })
  switch (kind) {
    case 'bundle':
      return checkFile(output, path, options)
    case 'evidence':
      showEvidence(output, file)
      output.next(`tally verify ${path}`)
      return 0
    case 'operator-evidence':
      showOperatorEvidence(output, file)
      output.next(`tally verify ${path}`)
      return 0
    case 'network-state': {
      const { showNetworkStateFile } = await import('./moi-view.ts')
      showNetworkStateFile(output, file)
      output.next(`tally verify ${path}`)
      return 0
    }
    case 'guardian-evidence':
      output.line(`evidence against a guardian, ${sizeText(file.length)}; not checked`)
      output.next(`tally verify ${path}`)
      return 0
    case 'identity':
      output.result(showCard(output, cardFromFile(file, createNativeEngine())))
      output.next(`tally new --with ${path}`)
      return 0
    case 'credential':
    case 'presentation':
    case 'status':
      showCredentialFile(output, file)
      output.next('tally credential --help')
      return 0
    case 'invite':
      showInvite(output, file)
      output.next(`tally accept ${path}`)
      return 0
    case 'message':
      showMessage(output, file)
      output.next(`tally accept ${path}`)
      return 0
  }
}

const showInvite = (output: Output, file: Uint8Array): void => {
  const { charter, from, card } = inviteFromFile(file, createNativeEngine())
  output.line(`an invitation of ${card.card.name}, ${sizeText(file.length)}`)
  output.line()
  showTerms(output, charter, (party) =>
    party === from ? `identity ${identityText(card.identity)}` : '',
  )
  output.result({ from: card.card.name, identity: card.identity, machine: machineId(charter) })
}

const showMessage = (output: Output, file: Uint8Array): void => {
  const of = message.decode(bodyFromFile('message', file))
  const folder = machineFoldersHere().find((one) => one.id === of.machine)
  const { charter } = folder ?? {}
  const sender = charter?.terms.participants[of.from]?.name ?? `party ${of.from}`
  output.line([
    { text: of.body.is, tone: 'strong' },
    ` of ${sender} for step ${stepOf(of)}, ${sizeText(file.length)}; not checked`,
  ])
  output.line(`  machine ${idText(of.machine)}`)
  const interaction = 'interaction' in of.body ? of.body.interaction : undefined
  const described =
    charter && typeof interaction === 'object'
      ? describeOperations(
          { charters: new Map([[machineId(charter), charter]]), logics: STANDARD_LOGICS },
          interaction,
        )
      : []
  for (const line of described) output.line(`  ${line}`)
  output.result({
    message: of.body.is,
    from: sender,
    step: stepOf(of),
    machine: of.machine,
    described,
  })
}

const showEvidence = (output: Output, file: Uint8Array): void => {
  const of = evidence.decode(bodyFromFile('evidence', file))
  const signer = signerOf(of.suite, of)
  output.line(`two statements of ${of.scheme} key ${idText(signer)}, ${sizeText(file.length)}`)
  output.table([
    statementRow('first', of.first.statement),
    statementRow('second', of.second.statement),
  ])
  output.result({
    signer,
    scheme: of.scheme,
    first: of.first.statement,
    second: of.second.statement,
  })
}

const statementRow = (place: string, of: Statement): readonly string[] => {
  const { machine, sequence } = positionOf(of)
  const what = of.is === 'vote' ? `${of.phase} vote` : 'abort'
  const says = of.is === 'vote' ? `state ${idText(of.transition.state)}` : ''
  return [place, what, `step ${sequence} of machine ${idText(machine)}, round ${of.round}`, says]
}
