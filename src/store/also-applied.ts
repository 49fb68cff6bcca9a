/**
 * Files that were edited after databases had them, before a test held them: what else such a database may say that it
 * has of a file, as SHA-256. 010_leaner_receipts.sql makes all of them alike. Nothing is added here: a change is a new file.
 */
export const alsoApplied: ReadonlyMap<string, readonly string[]> = new Map([
  [
    '001_messages.sql',
    [
      'f16b1908376ec3f8567d57a58b3d6f4f674d6057bf37c1ef65971b1358ae6b40', // 22 November, 11:38 (0.1.0)
      '78828b3c99034ef70e840222a270969a955cdbb17acdee2bf8b332a3487c2472', // 22 November, 11:58
      'fbf90a07e4c4c988a14c40a07ea7db6e03f087f6ff4de527eada9d99034c8a1a', // 26 November, 12:00
      '24d2a678298de47016bffc37f2c434da617a5667b4c4ca53ebea565944a36276', // 26 November, 14:09
    ],
  ],
  [
    '002_views_and_privileges.sql',
    [
      '9ea9fa267ce7b90d03e139b7196950f6ceb44611823da1bfe20883dc59953bf1', // 22 November, 11:38 (0.1.0)
      '9c88fec517ff4eaea27c5d6b3445ac91b0284005d052d874d97d6e29f224e19a', // 26 November, 12:00
    ],
  ],
])
