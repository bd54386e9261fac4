"""Reads an export with DuckDB and Polars, and asks what the guide asks.

Usage: read.py GUIDE, in a folder that holds the exports `evening` and `again`. Prints what it read as
one JSON object; every difference is an error.
"""

import json
import re
import sys

import duckdb
import polars as pl

TABLES = ("responses", "marks", "strokes", "profiles")
MOMENTS = {"responses": "first_at", "marks": "given_at", "strokes": "begun_at"}


def files(folder, table):
    return f"{folder}/{table}/**/*.parquet"


def main(guide):
    read = {}
    for table in TABLES:
        source = f"read_parquet('{files('evening', table)}', hive_partitioning = true)"
        frame = pl.read_parquet(files("evening", table), hive_partitioning=True)
        ((rows,),) = duckdb.sql(f"SELECT count(*) FROM {source}").fetchall()
        assert rows == frame.height, f"{table}: DuckDB {rows}, Polars {frame.height}"
        assert rows > 0, f"{table} is empty"
        assert {"school", "day"} <= set(frame.columns), f"{table}: partitions are not seen"
        for column in frame.columns:
            ((nulls,),) = duckdb.sql(f'SELECT count(*) - count("{column}") FROM {source}').fetchall()
            assert nulls == frame[column].null_count(), f"{table}.{column}: nulls differ"
        if table in MOMENTS:
            moment = f"SELECT epoch_ms(max({MOMENTS[table]})) FROM {source}"
            ((last,),) = duckdb.sql(moment).fetchall()
            assert last == frame[MOMENTS[table]].max().timestamp() * 1000, f"{table}: moments"
        assert frame["pupil"].str.contains(r"^[0-9a-f]{32}$").all(), f"{table}: names a pupil"
        read[table] = rows
    responses = pl.read_parquet(files("evening", "responses"))
    read["pupils"] = responses["pupil"].n_unique()
    assert responses["knowledge_points"].list.len().max() >= 1, "no knowledge point"
    again = pl.read_parquet(files("again", "responses"))
    read["same_pseudonyms"] = responses.equals(again)
    text = open(guide, encoding="utf-8").read()
    questions = re.findall(r"```sql\n(.*?)```", text, re.DOTALL)
    assert len(questions) == 3, "the guide asks three questions"
    for question in questions:
        answer = duckdb.sql(question).fetchall()
        assert answer, f"no answer to:\n{question}"
    names = {}
    (program,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    exec(program, names)
    assert names["growth"].height > 0, "nothing grew or shrank"
    print(json.dumps(read))


main(sys.argv[1])
