/** Which files are about a MOI network: what such a file needs is loaded for it alone. */
import { faultFrom, isFault } from '../base/fault.ts'
import { charter } from '../kernel/charter.ts'
import { openBundle } from '../verify/bundle.ts'
import { kindOfFile } from '../verify/file.ts'

/** A charter that cannot be read is the walk's to complain about. Raises faults of a file that is none. */
export const isOfMoi = (file: Uint8Array): boolean => {
  switch (kindOfFile(file)) {
    case 'network-state':
    case 'guardian-evidence':
      return true
    case 'bundle':
      return openBundle(file).parts.charters.some((one) => {
        const read = faultFrom(() => charter.decode(one))
        return !isFault(read) && read.terms.suite === 'moi'
      })
    case 'evidence':
    case 'operator-evidence':
    case 'identity':
    case 'credential':
    case 'presentation':
    case 'status':
    case 'invite':
    case 'message':
      return false
  }
}
