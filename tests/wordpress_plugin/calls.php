<?php
/**
 * What MCI asks: calls, drafts and news are read strictly, and mean what the protocol says.
 */

const CALL = '4b8e3c8e-2f0d-4c53-9c1b-0f4a5b1d7e11';

function call( array $data ) {
	return MCI_Call::read( json_encode( $data + array( 'op' => 'x', 'call' => CALL ) ), strtoupper( CALL ) );
}

function test_the_id_of_the_header_must_be_the_signed_one() {
	same( CALL, call( array() )->id );
	$body = json_encode( array( 'op' => 'x', 'call' => CALL ) );
	same( 'bad_request', refusal( static fn() => MCI_Call::read( $body, '00000000-2f0d-4c53-9c1b-0f4a5b1d7e11' ) )->error );
	same( 'bad_request', refusal( static fn() => MCI_Call::read( '{"op":"x"}', '' ) )->error );
	same( 'bad_request', refusal( static fn() => MCI_Call::read( '{"op":', CALL ) )->error );
	same( 'bad_request', refusal( static fn() => MCI_Call::read( str_repeat( '[', 100 ) . str_repeat( ']', 100 ), CALL ) )->error );
}

function test_an_argument_of_another_type_is_refused_never_guessed() {
	$call = call( array( 'id' => '7', 'limit' => 500, 'cod' => 1, 'since' => '2026-11-23 21:16:01', 'levels' => array( 'a' => 1 ), 'name' => array() ) );
	foreach (
		array(
			static fn() => $call->number( 'id', 1 ),
			static fn() => $call->number( 'limit', 1, 100 ),
			static fn() => $call->number( 'missing' ),
			static fn() => $call->flag( 'cod' ),
			static fn() => $call->time( 'since' ),
			static fn() => $call->rows( 'levels', 10 ),
			static fn() => $call->text( 'name', 10 ),
		) as $place => $act
	) {
		same( 'bad_request', refusal( $act )->error, (string) $place );
	}
	same( 'too_many', refusal( static fn() => call( array( 'ids' => range( 1, 11 ) ) )->rows( 'ids', 10 ) )->error );
	same( '2026-11-23 21:16:01', call( array( 'since' => '2026-11-23T21:16:01Z' ) )->time( 'since' ) );
}

function test_money_is_a_string_with_a_point() {
	foreach ( array( '0', '9.9', '19.90', '9999999.99' ) as $good ) {
		same( true, MCI_Call::is_money( $good ), $good );
	}
	foreach ( array( 19.9, 20, '', '1,50', '-1.00', '1.234', '1e3', " 1", "1\n", null ) as $bad ) {
		same( false, MCI_Call::is_money( $bad ), var_export( $bad, true ) );
	}
}

function draft( array $more = array() ) {
	return $more + array(
		'reference' => 'maglia', 'id' => null, 'ours' => true, 'title' => 'Maglia', 'html' => '<p>Bella</p>', 'brand' => '',
		'categories' => array( 'Casa', 'Cucina' ), 'images' => array( 'https://x/1.jpg' ), 'options' => array( 'Taglia' ), 'safety_html' => '',
		'variants' => array( variant( 'M-S', 'S' ), variant( 'M-M', 'M' ), variant( 'M-M2', 'M' ) ),
	);
}

function variant( $sku, $size ) {
	return array( 'sku' => $sku, 'id' => null, 'ean' => '', 'options' => array( $size ), 'price' => '9.90', 'compare_at' => null, 'weight_g' => 200, 'quantity' => 3 );
}

function test_a_draft_is_read_and_its_options_are_gathered() {
	$draft = MCI_Draft::read( draft() );
	same( array( 'Taglia' => array( 'S', 'M' ) ), $draft->option_values() );
	same( '', $draft->variants[0]['compare_at'] );
	same( 0, $draft->variants[0]['id'] );
	same( '<p>Bella</p>', $draft->description() );
}

function test_the_safety_text_stands_in_a_block_of_its_own_once() {
	$draft = MCI_Draft::read( draft( array( 'safety_html' => ' <p>Produttore: X</p> ' ) ) );
	same( "<p>Bella</p>\n\n<!-- mci:safety -->\n<p>Produttore: X</p>\n<!-- /mci:safety -->", $draft->description() );
}

function test_a_draft_that_is_not_whole_is_refused_by_the_name_of_what_is_wrong() {
	$wrong = array(
		'reference'  => draft( array( 'reference' => ' ' ) ),
		'title'      => draft( array( 'title' => '' ) ),
		'variants'   => draft( array( 'options' => array(), 'variants' => array_map( static fn( $v ) => array( 'options' => array() ) + $v, draft()['variants'] ) ) ),
		'options'    => draft( array( 'options' => array( 'Taglia', 'Colore' ) ) ),
		'price'      => draft( array( 'variants' => array( array( 'price' => 9.9 ) + variant( 'A', 'S' ) ) ) ),
		'compare_at' => draft( array( 'variants' => array( array( 'compare_at' => '1,5' ) + variant( 'A', 'S' ) ) ) ),
		'quantity'   => draft( array( 'variants' => array( array( 'quantity' => -1 ) + variant( 'A', 'S' ) ) ) ),
		'id'         => draft( array( 'id' => '12' ) ),
		'images'     => draft( array( 'images' => array( 7 ) ) ),
	);
	foreach ( $wrong as $name => $data ) {
		same( $name, refusal( static fn() => MCI_Draft::read( $data ) )->getMessage() );
	}
}

function test_an_order_is_completed_when_it_leaves_or_with_cod_when_it_arrives() {
	$wanted = array(
		array( 'processing', 'shipped', false, 'completed' ),
		array( 'processing', 'shipped', true, '' ),
		array( 'processing', 'delivered', true, 'completed' ),
		array( 'on-hold', 'delivered', false, 'completed' ),
		array( 'completed', 'delivered', true, '' ),
		array( 'cancelled', 'shipped', false, '' ),
		array( 'refunded', 'delivered', true, '' ),
		array( 'trash', 'shipped', false, '' ),
		array( 'processing', 'returned', false, '' ),
		array( 'processing', 'cancelled', true, '' ),
	);
	foreach ( $wanted as list( $status, $state, $cod, $after ) ) {
		same( $after, MCI_Telling::status( $status, $state, $cod ), "$status $state" );
	}
}

function test_an_order_of_which_a_part_left_keeps_its_status() {
	foreach ( array( 'shipped', 'delivered' ) as $state ) {
		same( '', MCI_Telling::status( 'processing', $state, false, true ), $state );
		same( '', MCI_Telling::status( 'processing', $state, true, true ), $state );
	}
}

function test_each_state_has_its_note_and_a_note_is_written_once() {
	same( 'tracking', MCI_Telling::note( 'shipped', 'TRK' ) );
	same( '', MCI_Telling::note( 'shipped', '' ) );
	same( 'delivered', MCI_Telling::note( 'delivered', '' ) );
	same( 'lost', MCI_Telling::note( 'lost', 'TRK' ) );
	same( true, MCI_Telling::is_said( array( 'x', 'numero TRK&amp;1.' ), 'TRK&1' ) );
	same( false, MCI_Telling::is_said( array( 'x' ), 'TRK' ) );
}

function test_the_tracking_plugins_see_our_parcel_once_and_keep_what_others_wrote() {
	$other = array( 'tracking_number' => 'OLD', 'tracking_id' => 'abc' );
	$once  = MCI_Telling::tracking_items( array( $other ), 26, 'BRT', 'TRK', 'https://brt/TRK', 100 );
	same( 2, count( $once ) );
	same( 'mci-26', $once[1]['tracking_id'] );
	same( $once, MCI_Telling::tracking_items( $once, 26, 'BRT', 'TRK', 'https://brt/TRK', 200 ) );
	$moved = MCI_Telling::tracking_items( $once, 26, 'GLS', 'NEW', '', 300 );
	same( array( 'OLD', 'NEW' ), array_column( $moved, 'tracking_number' ) );
	same( 1, count( MCI_Telling::tracking_items( '', 26, 'BRT', 'TRK', '', 100 ) ) );
	same( 'a:1:{…', MCI_Telling::tracking_items( 'a:1:{…', 26, 'BRT', 'TRK', '', 100 ) );
	$gaps = MCI_Telling::tracking_items( array( 3 => $other ), 26, 'BRT', 'TRK', '', 100 );
	same( array( 'OLD', 'TRK' ), array_column( $gaps, 'tracking_number' ) );
}

function test_what_the_shop_sold_unheard_is_taken_off_a_stock_level() {
	foreach (
		array(
			array( 4, 5, 3, 2 ), // Two were sold and MCI has not heard of them.
			array( 4, 5, 5, 4 ),
			array( 4, 5, 9, 4 ), // Somebody raised it.
			array( 0, 2, -1, 0 ),
			array( 1, 5, 0, 0 ), // Never below none.
			array( 7, null, 3, 7 ), // MCI does not know what it showed.
			array( 3, -1, -1, 3 ),
		) as list( $quantity, $told, $has, $left )
	) {
		same( $left, MCI_Levels::left( $quantity, $told, $has ), "$quantity $told $has" );
	}
}

function test_a_variant_names_its_tax_class_or_leaves_it() {
	same( null, MCI_Draft::read( draft() )->variants[0]['tax_class'] );
	$with = array_map( static fn( $v ) => array( 'tax_class' => 'reduced-rate' ) + $v, draft()['variants'] );
	same( 'reduced-rate', MCI_Draft::read( draft( array( 'variants' => $with ) ) )->variants[0]['tax_class'] );
	$none = array_map( static fn( $v ) => array( 'tax_class' => '' ) + $v, draft()['variants'] );
	same( '', MCI_Draft::read( draft( array( 'variants' => $none ) ) )->variants[0]['tax_class'] );
}
