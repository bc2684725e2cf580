<?php
// A plugin of the test site: what the file `fault` says is broken is broken; every request is counted.
$fault = trim((string) @file_get_contents(FIL_FAULT));
if (strpos($_SERVER['REQUEST_URI'] ?? '', 'wp/v2') !== false || strpos($_SERVER['REQUEST_URI'] ?? '', 'wp-json') !== false) {
    file_put_contents(FIL_FAULT . '.log', ($_SERVER['REQUEST_URI'] ?? '') . "\n", FILE_APPEND | LOCK_EX);
    if ($fault === '500') {
        http_response_code(500);
        exit('Error establishing a database connection');
    }
    if ($fault === 'login') {
        header('Content-Type: text/html; charset=UTF-8');
        exit('<!DOCTYPE html><html><body><form action="wp-login.php"><input name="log"></form></body></html>');
    }
}
if ($fault === 'empty') {
    add_filter('rest_post_query', function ($query) {
        $query['post__in'] = [0];
        return $query;
    });
}
