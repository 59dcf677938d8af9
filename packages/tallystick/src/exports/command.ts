/** Door for Node alone: what a package that adds commands to `tally` needs to look and behave like the others. */
export * from './shell.ts'
export type { Group } from '../bench/cases.ts'
export { atLeast, atMost, type Figure, figureFrom, knownFigure } from '../bench/figure.ts'
export type { Rounds } from '../bench/harness.ts'
export { accountFolder, dirOptionFor } from '../cli/account-folder.ts'
export type { AccountAsk, Extension, RelayedAsk, SharedAsk } from '../cli/extension.ts'
export { chartLines, chartResult, showChart, stateText } from '../cli/chart-view.ts'
export { showTextCode } from '../cli/codes.ts'
export { type CustodyOption, withStandIns } from '../cli/custody-option.ts'
export { type ChartWish, eventFromWords } from '../cli/chart-words.ts'
export { answersFrom, oracleFrom } from '../cli/oracle-words.ts'
export { readChart } from '../cli/new-chart.ts'
export { drawPictures } from '../cli/pictures.ts'
export { relayedFolder } from '../cli/relayed-folder.ts'
export { sharedFolder } from '../cli/shared-folder.ts'
export { operationsFromJson } from '../cli/operation-json.ts'
export {
  dirOption,
  type MachineFolder,
  outFolder,
  pathFromHere,
  readMachineFolder,
} from '../cli/machine-folder.ts'
export * from '../cli/chapters.ts'
export { templateNames, templatePath, templateText } from '../cli/templates.ts'
export * from '../cli/eras.ts'
export { openMachineDesk } from '../cli/machine-desk.ts'
export { type WrittenFile, writeBundle } from '../cli/machine-bundle.ts'
export { payWords } from '../cli/next-step.ts'
export { askYesNoLater, isAttended } from '../cli/prompt.ts'
export { operationsFromWords } from '../cli/proposal-words.ts'
export {
  operatorKeyText,
  operatorsText,
  showNewTerms,
  warnOfOtherOperators,
} from '../cli/terms-view.ts'
export { sizeText } from '../cli/report-view.ts'
export { pathText, showOwn } from '../cli/identity-view.ts'
