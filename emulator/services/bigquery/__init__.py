"""BigQuery's REST API (bigquery.v2), as Google's client and plain HTTP use it.

datasets, tables    resources        jobs     queries, loads, copies, extracts and their rows
sessions            rows of the Storage Read API (gRPC)
uploads             load jobs that bring their file along     buckets   gs:// for jobs
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from emulator.bigquery.jobs import Jobs
from emulator.bigquery.warehouse import Warehouse
from emulator.cloud import Cloud, Service
from emulator.services.bigquery.ask import worker
from emulator.services.bigquery.buckets import CloudBuckets
from emulator.services.bigquery.datasets import Datasets
from emulator.services.bigquery.jobs import JobRoutes
from emulator.services.bigquery.policies import Policies
from emulator.services.bigquery.sessions import Sessions
from emulator.services.bigquery.tables import Tables
from emulator.services.bigquery.uploads import Uploads


def service(cloud: Cloud) -> Service:
    warehouse = Warehouse(cloud.settings.data / "bigquery")
    jobs = Jobs(cloud, warehouse, CloudBuckets(cloud))
    routes = [
        *Datasets(cloud, warehouse).routes(),
        *Policies(cloud, warehouse).routes(),
        *Tables(cloud, warehouse, jobs).routes(),
        *JobRoutes(cloud, jobs).routes(),
        *Uploads(cloud, jobs).routes(),
    ]

    async def start() -> None:
        await worker(jobs.recover)

    async def stop() -> None:
        await worker(jobs.end)
        warehouse.close()

    def read_api() -> Sequence[Any]:
        from emulator.rpc import bigquery_read

        return bigquery_read.handlers(cloud.identity, Sessions(cloud, warehouse, jobs))

    return Service("bigquery", routes, start=start, stop=stop, grpc=read_api)
