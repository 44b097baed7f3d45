--- Users, groups and their members: facts of src/graph_emulator/demo.py.

-- name: users of two departments
-- requests: 1
SELECT display_name, job_title FROM users WHERE department IN ('Sales', 'Operations') ORDER BY display_name;
-- ["Bruno Keller", "Sales Manager"]
-- ["Dmitri O'Neill", "Logistics Planner"]
-- ["Emi Tanaka", "Project Lead"]

-- name: a user by address, whatever the case that the service takes
-- requests: 1
SELECT display_name FROM users WHERE mail = 'ALICE@contoso.com';
-- no rows

-- name: a user by address without regard to case
SELECT display_name FROM users WHERE lower(mail) = lower('ALICE@contoso.com');
-- ["Alice Romero"]

-- name: an apostrophe in a value
-- requests: 1
SELECT given_name FROM users WHERE surname = 'O''Neill';
-- ["Dmitri"]

-- name: the beginning of a name
-- requests: 1
SELECT display_name FROM users WHERE display_name LIKE 'Al%';
-- ["Alice Romero"]

-- name: the beginning of a name regards case
SELECT display_name FROM users WHERE display_name LIKE 'al%';
-- no rows

-- name: the beginning of a name in any case
SELECT display_name FROM users WHERE display_name ILIKE 'al%';
-- ["Alice Romero"]

-- name: a pattern with both wildcards
SELECT display_name FROM users WHERE display_name LIKE '_m%a' ORDER BY 1;
-- ["Emi Tanaka"]

-- name: an escaped wildcard is itself
SELECT user_principal_name FROM users WHERE user_principal_name LIKE 'pat!_%' ESCAPE '!';
-- ["pat_partner.example#EXT#@contoso.com"]

-- name: guests by type
SELECT display_name, department, created_date_time FROM users WHERE user_type = 'Guest';
-- ["Pat Partner", null, null]

-- name: a property that is absent is NULL, and NULL is unlike anything
SELECT count(*), count(department), count(*) FILTER (department <> 'IT'),
       count(*) FILTER (department IS DISTINCT FROM 'IT') FROM users;
-- [6, 5, 4, 5]

-- name: who has no department
SELECT display_name FROM users WHERE department IS NULL;
-- ["Pat Partner"]

-- name: who has one that is not Operations
SELECT display_name FROM users WHERE department <> 'Operations' ORDER BY 1;
-- ["Alice Romero"]
-- ["Bruno Keller"]
-- ["Chiara Lindqvist"]

-- name: NOT IN with a NULL in the list finds nobody
SELECT display_name FROM users WHERE department NOT IN ('IT', NULL);
-- no rows

-- name: a range of names
SELECT given_name FROM users WHERE given_name BETWEEN 'Bruno' AND 'Dmitri' ORDER BY given_name;
-- ["Bruno"]
-- ["Chiara"]
-- ["Dmitri"]

-- name: a flag by itself
SELECT count(*) FROM users WHERE account_enabled;
-- [6]

-- name: a flag denied
SELECT count(*) FROM users WHERE NOT account_enabled;
-- [0]

-- name: a flag compared
SELECT count(*) FROM users WHERE account_enabled = true AND user_type = 'Member';
-- [5]

-- name: OR of two columns
SELECT display_name FROM users WHERE department = 'IT' OR office_location = 'Osaka HQ' ORDER BY 1;
-- ["Chiara Lindqvist"]
-- ["Emi Tanaka"]

-- name: OR with what Graph cannot be asked
SELECT display_name FROM users WHERE department = 'IT' OR length(surname) = 6 ORDER BY 1;
-- ["Alice Romero"]
-- ["Bruno Keller"]
-- ["Chiara Lindqvist"]
-- ["Emi Tanaka"]

-- name: contradiction
SELECT display_name FROM users WHERE department = 'IT' AND department = 'Sales';
-- no rows

-- name: a condition that is nothing but NULL
SELECT display_name FROM users WHERE department = NULL;
-- no rows

-- name: letters of other alphabets
SELECT display_name FROM users WHERE office_location = 'Zürich HQ';
-- ["Bruno Keller"]

-- name: the first in order
SELECT display_name FROM users ORDER BY surname DESC LIMIT 2;
-- ["Emi Tanaka"]
-- ["Alice Romero"]

-- name: offset
SELECT given_name FROM users ORDER BY given_name LIMIT 2 OFFSET 4;
-- ["Emi"]
-- ["Pat"]

-- name: nulls last and nulls first
SELECT given_name, department FROM users ORDER BY department NULLS FIRST, given_name DESC LIMIT 3;
-- ["Pat", null]
-- ["Alice", "Finance"]
-- ["Chiara", "IT"]

-- name: a limit of none asks for nothing
SELECT display_name FROM users LIMIT 0;
-- no rows

-- name: time of creation
SELECT DISTINCT created_date_time FROM users WHERE created_date_time < TIMESTAMPTZ '2026-01-01 00:00:00+00';
-- ["2025-03-01T08:00:00+00:00"]

-- name: all columns of a user
SELECT * EXCLUDE (id, user_principal_name) FROM users WHERE mail = 'emi@contoso.com';
-- columns: ["display_name", "given_name", "surname", "mail", "user_type", "account_enabled", "job_title", "department", "company_name", "office_location", "employee_id", "mobile_phone", "preferred_language", "created_date_time"]
-- ["Emi Tanaka", "Emi", "Tanaka", "emi@contoso.com", "Member", true, "Project Lead", "Operations", "Contoso", "Osaka HQ", null, null, "en-US", "2025-03-01T08:00:00+00:00"]

-- name: users by id
SELECT a.display_name FROM users a WHERE a.id IN (SELECT id FROM users WHERE department = 'IT');
-- ["Chiara Lindqvist"]

-- name: users against Graph itself
SELECT id, display_name, mail, user_principal_name, job_title FROM users ORDER BY user_principal_name;
-- computed: listings.users

-- name: groups
SELECT display_name, description, mail, mail_enabled, security_enabled, visibility, created_date_time
FROM groups ORDER BY display_name;
-- ["All Employees", "Everybody on the payroll", null, false, true, "Private", null]
-- ["Finance", "Budgets, invoices and reports", "Finance@contoso.com", true, false, "Private", "2025-03-01T08:00:00+00:00"]
-- ["Project Aurora", "Warehouse automation", "ProjectAurora@contoso.com", true, false, "Private", null]

-- name: a group by nickname
-- requests: 1
SELECT display_name FROM groups WHERE mail_nickname = 'ProjectAurora';
-- ["Project Aurora"]

-- name: groups that receive mail
SELECT display_name FROM groups WHERE mail_enabled AND security_enabled IS NOT TRUE ORDER BY 1;
-- ["Finance"]
-- ["Project Aurora"]

-- name: a name that a quotation mark is in
SELECT display_name FROM groups WHERE display_name = 'Finance" OR 1=1';
-- no rows

-- name: members of every group
SELECT g.display_name, count(*), count(*) FILTER (m.member_type = 'group'), string_agg(m.display_name, ', ' ORDER BY m.display_name)
FROM groups g JOIN group_members m ON m.group_id = g.id GROUP BY ALL ORDER BY 1;
-- ["All Employees", 6, 1, "Alice Romero, Bruno Keller, Chiara Lindqvist, Dmitri O'Neill, Emi Tanaka, Finance"]
-- ["Finance", 2, 0, "Alice Romero, Bruno Keller"]
-- ["Project Aurora", 3, 0, "Chiara Lindqvist, Emi Tanaka, Pat Partner"]

-- name: members against Graph itself
SELECT group_id, id, display_name FROM group_members ORDER BY group_id, id;
-- computed: listings.members

-- name: who is in two groups of people
SELECT m.display_name FROM group_members m JOIN groups g ON g.id = m.group_id
WHERE g.display_name <> 'All Employees' AND m.id IN
      (SELECT x.id FROM group_members x JOIN groups y ON y.id = x.group_id WHERE y.display_name = 'All Employees')
ORDER BY 1;
-- ["Alice Romero"]
-- ["Bruno Keller"]
-- ["Chiara Lindqvist"]
-- ["Emi Tanaka"]

-- name: members of a group that nobody knows
SELECT id FROM group_members WHERE group_id = '00000000-0000-0000-0000-000000000000';
-- no rows

-- name: a column that is not there
-- requests: 0
SELECT mailbox FROM users;
-- raises: SqlError mailbox
