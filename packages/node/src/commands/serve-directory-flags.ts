/** What `tally serve directory` is told. */
import type { FolderFlags } from './serve-folder.ts'

export type DirectoryFlags = FolderFlags & {
  readonly data: string
  readonly port: string
  readonly host: string
  readonly hostName?: readonly string[]
  readonly postgres?: string
  readonly peers?: string
  /** The same, where it does not exist yet: for operators that `tally dev` starts together. */
  readonly peersLater?: string
  readonly auditEvery: string
  /** As many as by default where it is missing. */
  readonly machines?: string
  readonly heal?: true
  readonly logLevel: string
}

/** Where the address of a database may stand instead: other users see what stands on a command line. */
export const POSTGRES_VARIABLE = 'TALLY_POSTGRES'
