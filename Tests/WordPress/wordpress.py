"""A WordPress of its own: Debian's files, MariaDB and PHP started in a folder, everything on 127.0.0.1."""

import base64
import getpass
import http.client
import json
import os
import shutil
import socket
import subprocess
import time
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
PHP = ["php", "-d", "display_errors=0", "-d", "log_errors=1", "-d", "memory_limit=256M", "-d", "sendmail_path=/bin/true",
       "-d", "opcache.enable_cli=1"]

CONFIG = """<?php
define('DB_NAME', 'wordpress'); define('DB_USER', 'wp'); define('DB_PASSWORD', 'wp');
define('DB_HOST', 'localhost:%(socket)s'); define('DB_CHARSET', 'utf8mb4'); define('DB_COLLATE', '');
foreach (['AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE'] as $name) {
    define($name . '_KEY', hash('sha256', $name . 'key')); define($name . '_SALT', hash('sha256', $name . 'salt'));
}
define('WP_HOME', '%(url)s'); define('WP_SITEURL', '%(url)s');
define('WP_ENVIRONMENT_TYPE', 'local');      // application passwords over plain HTTP
define('WP_HTTP_BLOCK_EXTERNAL', true); define('DISABLE_WP_CRON', true); define('AUTOMATIC_UPDATER_DISABLED', true);
define('FIL_FAULT', '%(fault)s');
$table_prefix = 'wp_';
if (!defined('ABSPATH')) define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(what, ready, seconds=30):
    end = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > end:
            raise SystemExit(f"wordpress: {what} did not start within {seconds} s")
        time.sleep(0.1)


class Site:
    """Started by `start`, and stopped by `stop` whatever happens between."""

    def __init__(self, folder):
        self.folder = folder
        self.www = folder + "/www"
        self.socket = folder + "/db.sock"
        self.fault_file = folder + "/fault"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.processes = []

    def start(self, articles):
        self._start_database()
        shutil.copytree("/usr/share/wordpress", self.www, symlinks=False, ignore_dangling_symlinks=True)
        languages = "/var/lib/wordpress/wp-content/languages"
        if os.path.isdir(languages):
            shutil.copytree(languages, self.www + "/wp-content/languages", dirs_exist_ok=True)
        os.makedirs(self.www + "/wp-content/mu-plugins", exist_ok=True)
        shutil.copy(HERE + "/faults.php", self.www + "/wp-content/mu-plugins/faults.php")
        with open(self.www + "/wp-config.php", "w") as config:
            config.write(CONFIG % {"socket": self.socket, "url": self.url, "fault": self.fault_file})
        filled = subprocess.run(PHP + [HERE + "/content.php", self.www, str(articles)], capture_output=True, text=True)
        if filled.returncode != 0 or not filled.stdout.startswith("{"):
            raise SystemExit(f"wordpress: the site cannot be filled: {filled.stderr[-2000:]}{filled.stdout[-500:]}")
        self.made = json.loads(filled.stdout)
        environment = dict(os.environ, PHP_CLI_SERVER_WORKERS="3")
        log = open(self.folder + "/php.log", "w")
        self.processes.append(subprocess.Popen(
            PHP + ["-S", f"127.0.0.1:{self.port}", "-t", self.www, HERE + "/router.php"], env=environment, stdin=subprocess.DEVNULL,
            stdout=log, stderr=log, start_new_session=True))
        wait_for("PHP", lambda: self._answers())

    def _answers(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        except OSError:
            return False

    def _start_database(self):
        data = self.folder + "/db"
        user = getpass.getuser()
        subprocess.run(
            ["mariadb-install-db", "--no-defaults", "--datadir=" + data, "--auth-root-authentication-method=normal", "--skip-test-db",
             "--user=" + user], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        log = open(self.folder + "/db.log", "w")
        self.processes.append(subprocess.Popen(
            ["mariadbd", "--no-defaults", "--user=" + user, "--datadir=" + data, "--socket=" + self.socket, "--skip-networking",
             "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=64M", "--character-set-server=utf8mb4",
             "--pid-file=" + self.folder + "/db.pid"], stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True))
        client = ["mariadb", "--no-defaults", "--socket=" + self.socket, "-uroot"]
        wait_for("MariaDB", lambda: subprocess.run(client + ["-e", "SELECT 1"], capture_output=True).returncode == 0, 60)
        self.sql("CREATE DATABASE wordpress CHARACTER SET utf8mb4; CREATE USER 'wp'@'localhost' IDENTIFIED BY 'wp';"
                 "GRANT ALL ON wordpress.* TO 'wp'@'localhost';", database=None)

    def sql(self, text, database="wordpress"):
        command = ["mariadb", "--no-defaults", "--socket=" + self.socket, "-uroot"] + ([database] if database else []) + ["-e", text]
        subprocess.run(command, check=True, capture_output=True)

    def stop(self):
        for process in reversed(self.processes):
            process.terminate()
        for process in reversed(self.processes):
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        # The workers of PHP's server are in its process group, which is ours.
        for process in self.processes:
            try:
                os.killpg(process.pid, 15)
            except ProcessLookupError:
                pass

    def fault(self, kind):
        with open(self.fault_file, "w") as file:
            file.write(kind)

    def requests(self):
        """What was asked of the API since the last call."""
        try:
            with open(self.fault_file + ".log") as log:
                lines = log.read().split("\n")[:-1]
            os.remove(self.fault_file + ".log")
            return lines
        except FileNotFoundError:
            return []

    def api(self, method, path, fields=None):
        """Asks the REST API as the newsroom's administrator does."""
        login = base64.b64encode(("redaction:" + self.made["password"]).encode()).decode()
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        body = json.dumps(fields or {})
        link.request(method, "/wp-json/wp/v2/" + path, body, {"Authorization": "Basic " + login, "Content-Type": "application/json"})
        answer = link.getresponse()
        text = answer.read().decode()
        link.close()
        if answer.status >= 300:
            raise SystemExit(f"wordpress: {method} {path}: {answer.status} {text[:500]}")
        return json.loads(text)

    def export(self):
        made = subprocess.run(PHP + [HERE + "/export.php", self.www], capture_output=True, check=True)
        return made.stdout
