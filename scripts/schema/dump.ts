import { z } from 'zod'

const lines = z.array(z.object({ line: z.string() }))

/** The whole schema as text that a person can read and git can compare, from pg_catalog; the same of every PostgreSQL. */
export async function dumpSchema(query: (sql: string) => Promise<unknown[]>): Promise<string> {
  const dump: string[] = []
  for (const { title, sql } of sections) {
    const found = lines.parse(await query(sql))
    dump.push(`## ${title}`, '', ...found.map(({ line }) => line), '')
  }
  return dump.join('\n')
}

const here = `'public'::regnamespace`

const sections = [
  {
    title: 'columns',
    sql: `select format('%s.%s %s%s%s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
        case when a.attnotnull then ' not null' else '' end,
        case when a.attidentity <> '' then ' identity' when a.attgenerated <> '' then ' generated' else '' end,
        ' = ' || pg_get_expr(d.adbin, d.adrelid)) as line
      from pg_class c
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
      where c.relnamespace = ${here} and c.relkind = 'r'
      order by c.relname, a.attnum`,
  },
  {
    // PostgreSQL 18 lists "not null" among the constraints, older ones do not; the columns tell it already.
    title: 'constraints',
    sql: `select format('%s %s: %s', c.relname, n.conname, pg_get_constraintdef(n.oid)) as line
      from pg_constraint n join pg_class c on c.oid = n.conrelid
      where c.relnamespace = ${here} and n.contype <> 'n'
      order by c.relname, n.conname`,
  },
  {
    title: 'indexes',
    sql: `select pg_get_indexdef(i.indexrelid) as line
      from pg_index i join pg_class c on c.oid = i.indrelid
      where c.relnamespace = ${here}
      order by c.relname, i.indexrelid::regclass::text`,
  },
  {
    title: 'views',
    sql: `select format(E'%s (%s)\\n%s\\n', relname, array_to_string(reloptions, ', '), pg_get_viewdef(oid, true)) as line
      from pg_class where relnamespace = ${here} and relkind = 'v'
      order by relname`,
  },
  {
    title: 'row-level security and policies',
    sql: `select format('%s: %s%s', c.relname, case when c.relrowsecurity then 'on' else 'off' end,
        ', ' || string_agg(format('%s for %s to %s using (%s)', p.policyname, p.cmd, array_to_string(p.roles, ', '), p.qual), '; ')) as line
      from pg_class c left join pg_policies p on p.schemaname = 'public' and p.tablename = c.relname
      where c.relnamespace = ${here} and c.relkind = 'r'
      group by c.relname, c.relrowsecurity
      order by c.relname`,
  },
  {
    title: 'privileges (beside the owner)',
    sql: `select format('%s to %s: %s', c.relname, g.grantee::regrole, string_agg(lower(g.privilege_type), ', ' order by g.privilege_type)) as line
      from pg_class c cross join lateral aclexplode(c.relacl) g
      where c.relnamespace = ${here} and c.relkind in ('r', 'v', 'S') and g.grantee not in (0, c.relowner)
        -- PostgreSQL 17 knows one privilege more.
        and g.privilege_type <> 'MAINTAIN'
      group by c.relname, g.grantee
      order by c.relname, g.grantee::regrole::text`,
  },
  {
    // What most functions have is told once; of each, what it has instead or besides.
    title: 'functions',
    sql: `with functions as (
        select p.*, coalesce(p.proconfig, '{}') as config from pg_proc p where p.pronamespace = ${here}
      ), usual as (
        select mode() within group (order by f.config) as config from functions f
      )
      select format('every function, unless it says otherwise: [%s]', array_to_string(u.config, '; ')) as line
      from usual u
      union all (
        select format('%s(%s) returns %s%s', f.proname, pg_get_function_arguments(f.oid), pg_get_function_result(f.oid),
          ' [' || case
            when f.config = '{}' then 'no settings'
            when f.config <@ u.config and f.config <> u.config then 'only ' || array_to_string(f.config, '; ')
            else nullif(array_to_string(array(select unnest(f.config) except select unnest(u.config) order by 1), '; '), '')
          end || ']')
        from functions f cross join usual u
        order by f.proname, f.oid::regprocedure::text
      )`,
  },
]
