<?php
/**
 * The plugin's files as PHP 7.4 and WordPress see them.
 */

function files() {
	$found = array();
	foreach ( new RecursiveIteratorIterator( new RecursiveDirectoryIterator( PLUGIN ) ) as $file ) {
		if ( 'php' === $file->getExtension() ) {
			$found[ substr( $file->getPathname(), strlen( PLUGIN ) ) ] = file_get_contents( $file->getPathname() );
		}
	}
	ksort( $found );
	return $found;
}

function test_nothing_newer_than_php_7_4_is_used() {
	$names = array( 'T_MATCH', 'T_NULLSAFE_OBJECT_OPERATOR', 'T_ATTRIBUTE', 'T_ENUM', 'T_READONLY', 'T_NAME_RELATIVE' );
	$newer = array_map( 'constant', array_filter( $names, 'defined' ) );
	$calls = array( 'str_contains', 'str_starts_with', 'str_ends_with', 'array_is_list', 'array_any', 'array_find', 'get_debug_type', 'json_validate' );
	foreach ( files() as $name => $text ) {
		foreach ( token_get_all( $text ) as $token ) {
			if ( is_array( $token ) ) {
				same( false, in_array( $token[0], $newer, true ), "$name:$token[2] $token[1]" );
				same( false, T_STRING === $token[0] && in_array( $token[1], $calls, true ), "$name:$token[2] $token[1]" );
			}
		}
		same( 0, preg_match( '/function\s+__construct\s*\([^)]*\b(?:private|protected|public)\b/', $text ), "$name: promoted properties" );
		same( 0, preg_match( '/\)\s*:\s*(?:static|mixed|never|\??\w+\|)/', $text ), "$name: return types" );
	}
}

function test_no_file_does_anything_when_it_is_asked_for_by_its_address() {
	foreach ( files() as $name => $text ) {
		same( 1, preg_match( "/^defined\( '(?:ABSPATH|WP_UNINSTALL_PLUGIN)' \) \|\| exit;$/m", $text ), $name );
	}
}

function test_each_class_is_where_the_autoloader_looks() {
	foreach ( files() as $name => $text ) {
		if ( preg_match( '/^(?:final )?class (\w+)/m', $text, $found ) ) {
			same( 'includes/class-' . str_replace( '_', '-', strtolower( $found[1] ) ) . '.php', $name );
		}
	}
}

function test_every_text_is_in_the_plugins_own_domain_and_orders_are_read_through_woocommerce_only() {
	foreach ( files() as $name => $text ) {
		preg_match_all( "/\b(?:__|_n|esc_html__|esc_attr__|_x)\(\s*(?:'(?:[^'\\\\]|\\\\.)*'\s*,?\s*)+/", $text, $found );
		foreach ( $found[0] as $call ) {
			$ends = 1 === preg_match( "/'mci-connector'\s*\z/", $call ) || 0 === strpos( $call, '_n(' );
			same( true, $ends, "$name: $call" );
		}
		same( 0, preg_match( '/\b(?:get|update)_post_meta\(\s*\$order/', $text ), "$name: an order's meta is not a post's" );
	}
}
