"""Make data/green_tripdata_sample.parquet: synthetic taxi trips, the same on every machine.

Columns and types are those of New York's green taxi trips; every value is drawn from a
random generator with a fixed seed. Run it from anywhere: python scripts/make_sample.py
"""

from pathlib import Path

import numpy as np
import pandas as pd

SEED = 20201001
TRIPS = 4000
DAYS = 92
FILE = Path(__file__).parents[1] / 'data' / 'green_tripdata_sample.parquet'


def make(trips: int = TRIPS, seed: int = SEED) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    day = np.sort(draw.integers(0, DAYS, trips))
    pickup = pd.Timestamp('2020-10-01') + pd.to_timedelta(day, unit='D')
    second = draw.integers(0, 24 * 3600, trips)
    distance = np.round(draw.lognormal(0.7, 0.8, trips), 2)
    distance[draw.random(trips) < 0.02] = 0.0
    minutes = 4 + distance * 4 * draw.uniform(0.7, 1.5, trips)
    fare = np.round((2.5 + distance * 2.6 + minutes * 0.25) * 2) / 2
    extra = draw.choice([0.0, 0.5, 1.0], trips, p=[0.6, 0.2, 0.2])
    payment = draw.choice([1, 2, 3, 4], trips, p=[0.57, 0.42, 0.008, 0.002])
    tip = np.where(payment == 1, np.round(fare * draw.uniform(0, 0.3, trips), 2), 0.0)
    tolls = draw.choice([0.0, 6.12], trips, p=[0.96, 0.04])
    congestion = draw.choice([0.0, 2.75], trips, p=[0.78, 0.22])
    total = np.round(fare + extra + 0.5 + tip + tolls + 0.3 + congestion, 2)

    def whole(values) -> pd.array:
        return pd.array(values, dtype='Int64')

    return pd.DataFrame({
        'vendor_id': whole(draw.choice([1, 2], trips, p=[0.16, 0.84])),
        'lpep_pickup_datetime': pickup.date,
        'lpep_dropoff_datetime': (
            pickup + pd.to_timedelta(second + (minutes * 60).astype(int), unit='s')
        ).astype('datetime64[ns]'),
        'store_and_fwd_flag': draw.choice(['N', 'Y'], trips, p=[0.99, 0.01]),
        'ratecode_id': whole(draw.choice([1, 2, 5], trips, p=[0.97, 0.005, 0.025])),
        'pu_location_id': whole(draw.integers(1, 266, trips)),
        'do_location_id': whole(draw.integers(1, 266, trips)),
        'passenger_count': whole(
            draw.choice([0, 1, 2, 3, 5, 6], trips, p=[0.01, 0.84, 0.08, 0.02, 0.03, 0.02])
        ),
        'trip_distance': distance,
        'fare_amount': fare,
        'extra': extra,
        'mta_tax': 0.5,
        'tip_amount': tip,
        'tolls_amount': tolls,
        'improvement_surcharge': 0.3,
        'total_amount': total,
        'payment_type': whole(payment),
        'trip_type': whole(draw.choice([1, 2], trips, p=[0.98, 0.02])),
        'congestion_surcharge': congestion,
    })


if __name__ == '__main__':
    make().to_parquet(FILE, compression='zstd', index=False)
    print(f'{FILE}: {TRIPS} trips, {FILE.stat().st_size // 1024} KB')
