# What the engines keep for themselves: RDS takes none of it as a database's name or as a user's
# (https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html).
locals {
  # https://www.postgresql.org/docs/current/sql-keywords-appendix.html
  postgres_words = regexall("[a-z0-9_]+", <<-WORDS
    all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate column
    constraint create cross current_catalog current_date current_role current_schema current_time
    current_timestamp current_user default deferrable desc distinct do else end except false fetch for foreign
    freeze from full grant group having ilike in initially inner intersect into is isnull join leading left like
    limit localtime localtimestamp natural not notnull null of offset on only or order outer overlaps placing
    primary references returning right select session_user similar some symmetric table then to trailing true
    union unique user using variadic verbose when where window with
    WORDS
  )

  # https://dev.mysql.com/doc/refman/8.4/en/keywords.html; MariaDB keeps nearly the same.
  mysql_words = regexall("[a-z0-9_]+", <<-WORDS
    accessible add all alter analyze and as asc asensitive before between bigint binary blob both by call
    cascade case change char character check collate column condition constraint continue convert create cross
    cube cume_dist current_date current_time current_timestamp current_user cursor database databases day_hour
    day_microsecond day_minute day_second dec decimal declare default delayed delete dense_rank desc describe
    deterministic distinct distinctrow div double drop dual each else elseif empty enclosed escaped except
    exists exit explain false fetch first_value float float4 float8 for force foreign from fulltext function
    generated get grant group grouping groups having high_priority hour_microsecond hour_minute hour_second if
    ignore ignore_server_ids in index infile inner inout insensitive insert int int1 int2 int3 int4 int8 integer
    intersect interval into io_after_gtids io_before_gtids is iterate join json_table key keys kill lag
    last_value lateral lead leading leave left like limit linear lines load localtime localtimestamp lock long
    longblob longtext loop low_priority master_heartbeat_period master_ssl_verify_server_cert match maxvalue
    mediumblob mediumint mediumtext middleint minute_microsecond minute_second mod modifies natural
    no_write_to_binlog not nth_value ntile null numeric of on optimize optimizer_costs option optionally or
    order out outer outfile over parallel partition percent_rank precision primary procedure purge qualify range
    rank read read_write reads real recursive references regexp release rename repeat replace require resignal
    restrict return revoke right rlike row row_number rows schema schemas second_microsecond select sensitive
    separator set show signal smallint spatial specific sql sql_big_result sql_calc_found_rows sql_small_result
    sqlexception sqlstate sqlwarning ssl starting stored straight_join system table terminated then tinyblob
    tinyint tinytext to trailing trigger true undo union unique unlock unsigned update usage use using utc_date
    utc_time utc_timestamp values varbinary varchar varcharacter varying virtual when where while window with
    write xor year_month zerofill
    WORDS
  )

  reserved = {
    postgres = local.postgres_words
    mysql    = local.mysql_words
    mariadb  = local.mysql_words
  }

  databases_there = {
    postgres = ["postgres", "rdsadmin", "template0", "template1"]
    mysql    = ["information_schema", "innodb", "mysql", "performance_schema", "sys"]
    mariadb  = ["information_schema", "innodb", "mysql", "performance_schema", "sys"]
  }

  users_there = {
    postgres = ["admin", "rdsadmin"]
    mysql    = ["rdsadmin"]
    mariadb  = ["rdsadmin"]
  }

  days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
}
