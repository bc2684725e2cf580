<?php
// Fills the test site: the sections of a newspaper of Gao, and so many made-up articles of every kind.
$_SERVER += ['HTTP_HOST' => '127.0.0.1', 'SERVER_PROTOCOL' => 'HTTP/1.1', 'REQUEST_METHOD' => 'GET', 'REQUEST_URI' => '/'];
define('WP_INSTALLING', true);
require $argv[1] . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
require_once ABSPATH . 'wp-admin/includes/taxonomy.php';
if (!is_blog_installed()) {
    wp_install('Journal de test', 'redaction', 'redaction@example.invalid', true, '', 'redaction-test', 'fr_FR');
}
foreach (['WPLANG' => 'fr_FR', 'timezone_string' => 'Africa/Lagos', 'posts_per_rss' => 200, 'rss_use_excerpt' => 0,
    'default_comment_status' => 'closed', 'default_ping_status' => 'closed'] as $name => $value) {
    update_option($name, $value);
}
$GLOBALS['wp_rewrite']->init();
$GLOBALS['wp_rewrite']->set_permalink_structure('/%postname%/');
flush_rewrite_rules(false);
foreach ([1, 2, 3] as $id) {
    wp_delete_post($id, true);
}
$user = get_user_by('login', 'redaction');
wp_set_current_user($user->ID);
kses_remove_filters();
$tree = ['À la Une' => [], 'Nord Actu' => [], 'Politique' => [], 'Sahelfox' => [], 'Sécurité' => [], 'Sport & Jeux' => [],
    'Société' => ['Atout', 'Culture', 'Éducation', 'Enquêtes', 'Faits Divers', 'Femmes et Jeunes', 'Santé']];
$category = [];
foreach ($tree as $name => $children) {
    $category[$name] = (int) wp_insert_term($name, 'category')['term_id'];
    foreach ($children as $child) {
        $category[$child] = (int) wp_insert_term($child, 'category', ['parent' => $category[$name]])['term_id'];
    }
}
$picture = wp_insert_attachment(['post_mime_type' => 'image/jpeg', 'post_title' => 'marche', 'post_status' => 'inherit',
    'post_excerpt' => 'Le marché, au petit matin'], '2026/marche.jpg');
update_post_meta($picture, '_wp_attachment_image_alt', 'Étals du marché de Gao');
$words = explode(' ', 'le la les un une des marché fleuve Niger école route marchands Gao Ansongo Bourem commune maire habitants '
    . 'eau puits récolte oignons riz bétail pluie saison élèves maîtres santé centre vaccin radio fête tambour pirogue pêcheurs');
mt_srand(24);
function sentence($words, $count) {
    $text = [];
    for ($i = 0; $i < $count; $i++) {
        $text[] = $words[mt_rand(0, count($words) - 1)];
    }
    return mb_convert_case(mb_substr($text[0], 0, 1), MB_CASE_UPPER) . mb_substr(implode(' ', $text), 1);
}
function block($name, $html) {
    return "<!-- wp:$name -->\n$html\n<!-- /wp:$name -->\n\n";
}
$names = array_values(array_diff(array_keys($category), ['À la Une']));
for ($i = 0; $i < (int) $argv[2]; $i++) {
    $paragraphs = [];
    for ($j = 0; $j < 4; $j++) {
        $paragraphs[] = sentence($words, 18) . ", dit-on. L'eau « monte » ; " . sentence($words, 12) . '.';
    }
    $html = '';
    if ($i % 6 === 5) {
        // As it was typed before there were blocks.
        $html = implode("\n\n", $paragraphs) . "\n\nPremière ligne\nseconde ligne\n\n<blockquote>Une parole.</blockquote>\n\n"
            . "<ul>\n <li>un</li>\n <li>deux</li>\n</ul>\nÀ suivre...\n\n"
            . '[caption id="attachment_' . $picture . '" align="aligncenter" width="300"]<img class="wp-image-' . $picture
            . '" src="/a.jpg" alt="Étals du marché de Gao" width="300" height="200" /> Légende d\'autrefois[/caption]';
    } else {
        foreach ($paragraphs as $j => $text) {
            $html .= block('paragraph', '<p>' . ($j ? $text : "<strong>$text</strong>") . '</p>');
        }
        if ($i % 2) $html .= block('image', '<figure class="wp-block-image"><img src="/a.jpg" alt="Vue de Gao" class="wp-image-'
            . $picture . '"/><figcaption class="wp-element-caption">Le fleuve, en décembre</figcaption></figure>');
        if ($i % 5 === 0) $html .= block('heading', '<h2>Contexte &amp; chiffres</h2>')
            . block('quote', '<blockquote class="wp-block-quote"><p>« On attend la pluie. »</p><cite>Une habitante</cite></blockquote>');
        if ($i % 7 === 0) $html .= block('list', '<ul><li>Premier point<ul><li>détail</li></ul></li><li>Deuxième point</li></ul>');
        if ($i % 4 === 0) $html .= block('table', '<figure class="wp-block-table"><table><tbody><tr><td>Cercle</td><td>Cas</td></tr>'
            . '<tr><td>Ansongo</td><td>12</td></tr></tbody></table><figcaption>Source : mairie</figcaption></figure>');
        if ($i % 9 === 0) $html .= block('shortcode', '[gallery ids="' . $picture . '"]');
        if ($i % 11 === 0) $html .= block('embed', "<figure class=\"wp-block-embed\"><div class=\"wp-block-embed__wrapper\">\n"
            . "https://video.example.invalid/watch?v=$i\n</div></figure>");
        if ($i % 13 === 0) $html .= block('html', '<div class="sharedaddy"><a href="https://partage.example.invalid">Partager</a></div>'
            . "<script>var nonce = '" . $i . "';</script>");
        if ($i % 10 === 0) $html .= block('paragraph', '<p dir="rtl">الماء في نهر النيجر</p>') . block('paragraph', '<p>ⵜⴰⵎⴰⵛⴻⵈ, Soŋay nda bamanankan ɛ ɔ ɲ</p>');
    }
    $date = gmdate('Y-m-d H:i:s', strtotime('2025-03-01 06:00:00 UTC') + $i * 7200);
    $in = [$category[$names[$i % count($names)]]];
    if ($i % 8 === 0) $in[] = $category['À la Une'];
    $id = wp_insert_post(wp_slash(['post_title' => "Article $i : " . sentence($words, 5), 'post_content' => $html, 'post_status' => 'publish',
        'post_date_gmt' => $date, 'post_date' => get_date_from_gmt($date), 'post_category' => $in, 'post_author' => $user->ID,
        'post_excerpt' => $i % 3 ? '' : 'Ce que l\'éditeur résume, article ' . $i . '.', 'tags_input' => [$words[$i % 12 + 6], 'Gao']]), true);
    if (is_wp_error($id)) {
        fwrite(STDERR, $id->get_error_message() . "\n");
        exit(1);
    }
}
[$password] = WP_Application_Passwords::create_new_application_password($user->ID, ['name' => 'test']);
echo json_encode(['password' => $password, 'categories' => $category, 'picture' => $picture]);
