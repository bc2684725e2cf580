<?php
// Has PHP's own server answer as a web server with pretty links would.
$path = rawurldecode(parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH) ?: '/');
$file = $_SERVER['DOCUMENT_ROOT'] . $path;
if (strpos($path, '..') !== false) {
    http_response_code(400);
    return true;
}
if (substr($path, -4) === '.php' && is_file($file)) {
    $script = $path;
} elseif ($path !== '/' && is_file($file)) {
    return false;
} else {
    $script = '/index.php';
}
$_SERVER['SCRIPT_NAME'] = $_SERVER['PHP_SELF'] = $script;
$_SERVER['SCRIPT_FILENAME'] = $_SERVER['DOCUMENT_ROOT'] . $script;
chdir(dirname($_SERVER['SCRIPT_FILENAME']));
require $_SERVER['SCRIPT_FILENAME'];
return true;
