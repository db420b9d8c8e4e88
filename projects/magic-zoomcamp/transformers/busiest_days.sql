SELECT day, trips, passengers, revenue
FROM {{ df_1 }}
ORDER BY trips DESC, day
LIMIT {{ variables('top_days') }}
