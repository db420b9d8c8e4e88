-- 1 credit card, 2 cash, 3 no charge, 4 dispute, 5 unknown, 6 voided
SELECT
    payment_type,
    COUNT(*) AS trips,
    SUM(total_amount) AS revenue,
    SUM(tip_amount) AS tips
FROM ny_taxi.green_taxi
GROUP BY payment_type
ORDER BY payment_type;
