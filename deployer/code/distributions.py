"""Which distribution brings which module, where the names differ or a name is not imported.

Facts of the packages themselves; `requirements` turns them into a block's requirements.
"""

from __future__ import annotations

import re

DISTRIBUTIONS = {
    "Crypto": "pycryptodome",
    "MySQLdb": "mysqlclient",
    "OpenSSL": "pyOpenSSL",
    "PIL": "Pillow",
    "airtable": "airtable-python-wrapper",
    "algoliasearch": "algoliasearch",
    "attr": "attrs",
    "azure.identity": "azure-identity",
    "azure.storage.blob": "azure-storage-blob",
    "bs4": "beautifulsoup4",
    "clickhouse_connect": "clickhouse-connect",
    "confluent_kafka": "confluent-kafka",
    "cv2": "opencv-python-headless",
    "dateutil": "python-dateutil",
    "dbt": "dbt-core",
    "deltalake": "deltalake",
    "discord": "discord.py",
    "docx": "python-docx",
    "dotenv": "python-dotenv",
    "facebook_business": "facebook-business",
    "faker": "Faker",
    "fitz": "PyMuPDF",
    "git": "GitPython",
    "github": "PyGithub",
    "google.ads": "google-ads",
    "google.api_core": "google-api-core",
    "google.auth": "google-auth",
    "google.cloud.aiplatform": "google-cloud-aiplatform",
    "google.cloud.bigquery": "google-cloud-bigquery",
    "google.cloud.bigquery_storage": "google-cloud-bigquery-storage",
    "google.cloud.dataproc": "google-cloud-dataproc",
    "google.cloud.exceptions": "google-cloud-core",
    "google.cloud.firestore": "google-cloud-firestore",
    "google.cloud.functions": "google-cloud-functions",
    "google.cloud.logging": "google-cloud-logging",
    "google.cloud.pubsub": "google-cloud-pubsub",
    "google.cloud.pubsub_v1": "google-cloud-pubsub",
    "google.cloud.secretmanager": "google-cloud-secret-manager",
    "google.cloud.spanner": "google-cloud-spanner",
    "google.cloud.storage": "google-cloud-storage",
    "google.cloud.vision": "google-cloud-vision",
    "google.generativeai": "google-generativeai",
    "google.genai": "google-genai",
    "google.oauth2": "google-auth",
    "google.protobuf": "protobuf",
    "google_auth_oauthlib": "google-auth-oauthlib",
    "googleapiclient": "google-api-python-client",
    "imblearn": "imbalanced-learn",
    "jose": "python-jose",
    "jwt": "PyJWT",
    "kafka": "kafka-python",
    "lxml": "lxml",
    "magic": "python-magic",
    "mysql.connector": "mysql-connector-python",
    "nacl": "PyNaCl",
    "opensearchpy": "opensearch-py",
    "oracledb": "oracledb",
    "pandas_gbq": "pandas-gbq",
    "pkg_resources": "setuptools",
    "pptx": "python-pptx",
    "psycopg": "psycopg[binary]",
    "psycopg2": "psycopg2-binary",
    "pyairtable": "pyairtable",
    "pymysql": "PyMySQL",
    "pymongo": "pymongo",
    "bson": "pymongo",
    "pysftp": "pysftp",
    "pyspark": "pyspark",
    "pythonjsonlogger": "python-json-logger",
    "redis": "redis",
    "ruamel.yaml": "ruamel.yaml",
    "serial": "pyserial",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "slack": "slackclient",
    "slack_sdk": "slack-sdk",
    "slugify": "python-slugify",
    "snowflake.connector": "snowflake-connector-python",
    "snowflake.snowpark": "snowflake-snowpark-python",
    "snowflake.sqlalchemy": "snowflake-sqlalchemy",
    "socks": "PySocks",
    "sqlalchemy": "SQLAlchemy",
    "telegram": "python-telegram-bot",
    "usb": "pyusb",
    "websocket": "websocket-client",
    "yaml": "PyYAML",
    "zmq": "pyzmq",
}
"""Longest dotted prefix wins."""

_IN_MAGES_IMAGE = """
    aiofiles aiohttp algoliasearch airtable azure-identity azure-storage-blob bcrypt boto3 botocore
    clickhouse-connect confluent-kafka croniter cryptography dask db-dtypes deltalake duckdb
    elasticsearch faker fastavro freezegun fsspec gcsfs gitpython google-ads google-api-core
    google-api-python-client google-auth google-auth-oauthlib google-cloud-bigquery
    google-cloud-bigquery-storage google-cloud-core google-cloud-logging google-cloud-pubsub
    google-cloud-secret-manager google-cloud-storage google-generativeai gspread great-expectations
    httpx inflection influxdb-client itsdangerous jinja2 joblib kafka-python langchain ldap3 lxml
    matplotlib mysql-connector-python nest-asyncio nltk numpy openai openpyxl opensearch-py
    oracledb pandas pandas-gbq paramiko pika pillow polars protobuf psutil psycopg2 psycopg2-binary
    pyairtable pyarrow pygithub pyjwt pymongo pymysql pyodbc pysftp python-dateutil python-dotenv
    pytz pyyaml qdrant-client redis redshift-connector requests ruamel.yaml s3fs scikit-learn scipy
    sentry-sdk setuptools simplejson singer-python six snowflake-connector-python sqlalchemy
    sqlglot sqlparse sshtunnel stomp.py thefuzz tornado tqdm trino typing-extensions tzlocal
    urllib3 weaviate-client xgboost
"""
BROUGHT_BY_MAGE = frozenset(_IN_MAGES_IMAGE.split())
"""Importable in Mage's own image without being listed by the project."""

VALUES = frozenset(
    {"catboost", "dask", "geopandas", "lightgbm", "networkx", "numpy", "pandas", "polars"}
    | {"pyarrow", "scipy", "shapely", "sklearn", "statsmodels", "torch", "xarray", "xgboost"}
)
"""Modules whose values travel from block to block, so that those below must know them too."""

TABLES = frozenset({"dask", "geopandas", "pandas", "polars"})
"""Their tables are stored as Parquet."""

HIDDEN: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"^(postgres|postgresql)(\+psycopg2)?://"), "psycopg2"),
    (re.compile(r"^postgresql\+psycopg://"), "psycopg"),
    (re.compile(r"^mysql\+pymysql://"), "pymysql"),
    (re.compile(r"^mysql(\+mysqldb)?://"), "MySQLdb"),
    (re.compile(r"^mysql\+mysqlconnector://"), "mysql.connector"),
    (re.compile(r"^mssql\+pyodbc://"), "pyodbc"),
    (re.compile(r"^snowflake://"), "snowflake.sqlalchemy"),
)
"""Texts that make another library import a driver."""

REMOTE = (("gs://", "gcsfs"), ("gcs://", "gcsfs"), ("s3://", "s3fs"), ("s3a://", "s3fs"))
FILES = frozenset(
    f"{verb}_{form}"
    for verb in ("read", "to", "scan", "sink")
    for form in ("csv", "excel", "feather", "json", "orc", "parquet", "pickle", "table")
)
"""Methods of pandas and polars that open such addresses."""

ATTRIBUTES = {
    "read_excel": "openpyxl",
    "to_excel": "openpyxl",
    "read_html": "lxml",
    "read_xml": "lxml",
    "read_hdf": "tables",
    "to_hdf": "tables",
    "read_gbq": "pandas_gbq",
    "to_gbq": "pandas_gbq",
    "read_sql": "sqlalchemy",
    "read_sql_query": "sqlalchemy",
    "read_sql_table": "sqlalchemy",
    "to_sql": "sqlalchemy",
    "read_parquet": "pyarrow",
    "to_parquet": "pyarrow",
    "read_feather": "pyarrow",
    "to_feather": "pyarrow",
    "to_markdown": "tabulate",
}
"""Methods of pandas that import something more."""
