/** One connection (not a pool). `exec` runs one or many statements without arguments and gives the last one's rows. */
export interface MigrationConnection {
  exec(sql: string): Promise<unknown[]>
}
