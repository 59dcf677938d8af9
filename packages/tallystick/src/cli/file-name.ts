/** Names of files and folders out of what somebody else calls a thing. */

/**
 * One name, and no path: letters, digits, underscores and dashes, at most 32 characters, and none that Windows keeps for devices. Texts of
 * others stand in cards, charters and definitions (attack: one with slashes and dots that leads out of the folder the user stands in).
 */
export const fileNameFrom = (text: string): string => {
  const plain = text.replaceAll(/[^\p{L}\p{N}_-]+/gu, '_')
  // Cut by whole characters, so that no half of one is left at the end.
  const [name = ''] = /^.{0,32}/su.exec(plain) ?? []
  return name === '' || isDeviceName(name) ? `${name}_` : name
}

/** Whether Windows takes it for a device, whatever ending it has. */
export const isDeviceName = (name: string): boolean =>
  /^(?:con|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³])$/i.test(name)
