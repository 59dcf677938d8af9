/** What a user can do about a refusal: one line for each fault that a command can run into, else where to read on. */
import type { FaultCode } from '../base/fault.ts'

/** The fix for a fault, in a few words. */
export const fixOf = (code: FaultCode): string => {
  for (const [start, fix] of FIXES) if (code.startsWith(start)) return fix
  return 'read the paragraph named below; nothing was changed'
}

/** The longest beginning first, where two would fit. */
const FIXES: readonly (readonly [string, string])[] = [
  ['identity/unknown-device', 'tally id devices shows which devices there are'],
  ['identity/unknown', 'tally id new --name NAME, or tally id show for those there are'],
  ['identity/exists', 'choose another --name, or use the one that is there'],
  ['identity/locked', 'wait for the other command to end, and try again'],
  ['identity/bad-name', 'use lower-case letters, digits and dashes'],
  ['identity/device-exists', 'choose another name for the device'],
  ['keystore/wrong-passphrase', 'try again; nobody can recover a passphrase for you'],
  ['keystore/weak-passphrase', 'take four or more random words'],
  ['keystore/open-to-others', 'close the file to others as said above, and try again'],
  ['keystore/', 'put the file back from a copy, or use another device of yours'],
  ['file/too-large', 'ask for a file with fewer steps'],
  ['file/not-tally', 'check that it is the file you were given, whole and unchanged'],
  ['file/other-kind', 'tally show FILE says what the file is'],
  ['codec/', 'the file is damaged or was changed: ask its sender for it again'],
  ['bundle/stale', 'ask for the newest file; this one ends before what you have seen'],
  ['bundle/contradicts-anchor', 'do not rely on it: somebody showed you another history before'],
  ['bundle/missing-charter', 'ask for a file that holds the charter too'],
  ['bundle/missing-step', 'ask for a file that holds the steps before'],
  ['bundle/missing-fact', 'ask for a file that proves what the step relies on'],
  ['certificate/bad-signature', 'the step was changed after it was signed: ask for the file again'],
  ['transition/', 'the step was changed after it was signed: ask for the file again'],
  ['heads/damaged', 'name another heads file, or move this one away and begin a new one'],
  ['card/', 'ask the owner for a new card'],
  ['invite/', 'do not accept it; ask the sender by another way'],
]
