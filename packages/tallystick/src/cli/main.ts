#!/usr/bin/env node
/** The command `tally`. */
import { runCommandLine } from './program.ts'

// Whoever reads the output may have seen enough, as `head` does: that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

process.exitCode = await runCommandLine(process.argv.slice(2))
