from os import path

import pandas as pd
from mage_ai.settings.repo import get_repo_path

if 'data_loader' not in globals():
    from mage_ai.data_preparation.decorators import data_loader
if 'test' not in globals():
    from mage_ai.data_preparation.decorators import test


@data_loader
def load_data_from_api(*args, **kwargs):
    """
    Load taxi trips from `source`: an http(s) URL or a path (relative ones start at the
    project), Parquet or CSV, compressed or not.
    """
    source = kwargs['source']
    if not source.startswith(('http://', 'https://')):
        source = path.join(get_repo_path(), source)

    if source.endswith('.parquet'):
        return pd.read_parquet(source)

    taxi_dtypes = {
        'VendorID': pd.Int64Dtype(),
        'store_and_fwd_flag': str,
        'RatecodeID': pd.Int64Dtype(),
        'PULocationID': pd.Int64Dtype(),
        'DOLocationID': pd.Int64Dtype(),
        'passenger_count': pd.Int64Dtype(),
        'trip_distance': float,
        'fare_amount': float,
        'extra': float,
        'mta_tax': float,
        'tip_amount': float,
        'tolls_amount': float,
        'improvement_surcharge': float,
        'total_amount': float,
        'payment_type': pd.Int64Dtype(),
        'trip_type': pd.Int64Dtype(),
        'congestion_surcharge': float,
    }
    parse_dates = ['lpep_pickup_datetime', 'lpep_dropoff_datetime']

    return pd.read_csv(source, dtype=taxi_dtypes, parse_dates=parse_dates)


@test
def test_output(output, *args) -> None:
    assert output is not None, 'The output is undefined'


@test
def test_there_are_trips(output, *args) -> None:
    assert len(output) > 0, 'The source holds no trips'
