/** Where MOI's own node listens. */
export const PORT = '1600'
