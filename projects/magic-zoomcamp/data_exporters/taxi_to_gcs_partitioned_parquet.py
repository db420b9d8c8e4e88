import os

import pyarrow as pa
import pyarrow.fs
import pyarrow.parquet as pq

if 'data_exporter' not in globals():
    from mage_ai.data_preparation.decorators import data_exporter


@data_exporter
def export_data(data, *args, **kwargs):
    """
    Write one Parquet file per pickup date: gs://<bucket>/green_taxi/lpep_pickup_date=2020-10-01/
    """
    bucket_name = kwargs.get('bucket') or f"{os.environ['GOOGLE_CLOUD_PROJECT']}-trips"
    root_path = f'{bucket_name}/green_taxi'

    table = pa.Table.from_pandas(data, preserve_index=False)
    gcs = pa.fs.GcsFileSystem()

    pq.write_to_dataset(
        table,
        root_path=root_path,
        partition_cols=['lpep_pickup_date'],
        filesystem=gcs,
        existing_data_behavior='delete_matching',
    )
    return f'gs://{root_path}'
