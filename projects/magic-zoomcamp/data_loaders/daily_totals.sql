SELECT
    lpep_pickup_date AS day,
    COUNT(*) AS trips,
    SUM(passenger_count) AS passengers,
    SUM(total_amount) AS revenue,
    AVG(trip_distance) AS average_distance
FROM ny_taxi.green_taxi
GROUP BY lpep_pickup_date
ORDER BY day
